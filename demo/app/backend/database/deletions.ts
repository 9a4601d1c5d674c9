import { sql, type RawBuilder, type Transaction } from 'kysely';
import { ownerId, type Owner } from '../owner.js';
import { batchesOf } from './statement-batches.js';
import type { Schema, UserConnection } from './schema.js';
import { transact, type Database } from './transaction.js';
import { changeRowsOf } from './user-lock.js';

/** A deletion under way. */
export interface Deletion {
  key: string;
  /** By the database's clock, as text: a Date would lose the microseconds. */
  beganAt: string;
  /** Whether the tables have such a connection or claim. */
  isKnown: boolean;
}

/**
 * In `deleted_connections`, this key means that the owner has deleted everything, in case the vault lists more of it
 * later. No connection has an empty key.
 */
export const everyKey = '';

/** More than the minute after which a repair considers a deletion abandoned. */
const soon = sql<Date>`now() + interval '75 seconds'`;

/** By then, a lagging vault lists everything, and a repair deletes it there. */
const later = sql<Date>`now() + interval '5 minutes'`;

/**
 * Marks a connection as being deleted, before Pica is asked to delete it: if the row can't be changed, the grant stays.
 * From here on, nothing uses the connection. If this process ends halfway, a repair finishes or cancels the deletion.
 */
export function beginDeletion(
  database: Database,
  owner: Owner,
  key: string,
  signal: AbortSignal,
): Promise<Deletion> {
  const user = ownerId(owner);
  return changeRowsOf(
    database,
    user,
    async (transaction) => {
      const marked = await transaction
        .updateTable('user_connections')
        .set({ deleting_since: sql<Date>`now()` })
        .where('user_id', '=', user)
        .where('connection_key', '=', key)
        .returning('id')
        .execute();
      const claimed = await locked(transaction, 'unconfirmed_connections', user, key);
      await locked(transaction, 'deleted_connections', user, key);
      if (marked.length > 0) await repairBy(transaction, user, soon);
      const { beganAt } = await transaction
        .selectNoFrom(sql<string>`now()::text`.as('beganAt'))
        .executeTakeFirstOrThrow();
      return { key, beganAt, isKnown: marked.length + claimed.length > 0 };
    },
    signal,
  );
}

/** Proves that rows can be changed: waits for locks on them or their table, and fails if the database is read-only. */
function locked(
  transaction: Transaction<Schema>,
  table: 'unconfirmed_connections' | 'deleted_connections',
  user: string,
  key: string,
) {
  return transaction
    .selectFrom(table)
    .select('connection_key')
    .where('user_id', '=', user)
    .where('connection_key', '=', key)
    .forUpdate()
    .execute();
}

/** Pica was not asked, or has refused. The connection can be used again. */
export async function cancelDeletion(
  database: Database,
  owner: Owner,
  { key, beganAt }: Deletion,
): Promise<void> {
  await transact(database, (transaction) =>
    transaction
      .updateTable('user_connections')
      .set({ deleting_since: null })
      .where('user_id', '=', ownerId(owner))
      .where('connection_key', '=', key)
      // Another request may be deleting it too.
      .where('deleting_since', '=', sql<Date>`${beganAt}::timestamptz`)
      .execute(),
  );
}

/**
 * Deletes the rows, after Pica has deleted the connection. No running repair brings it back.
 *
 * @param wasInVault whether Pica had it, so that a running repair may still have read it
 * @returns whether there was anything to delete, here or at Pica
 */
export function finishDeletion(
  database: Database,
  owner: Owner,
  { key, beganAt, isKnown }: Deletion,
  wasInVault: boolean,
): Promise<boolean> {
  // Don't remember unknown keys: anybody can make up any number.
  if (!isKnown && !wasInVault) return Promise.resolve(false);
  const user = ownerId(owner);
  return changeRowsOf(database, user, async (transaction) => {
    // What was saved since then may be a new connection: a repair finds out.
    const isOld = sql<boolean>`created_at <= ${beganAt}::timestamptz`;
    await transaction
      .deleteFrom('user_connections')
      .where('user_id', '=', user)
      .where('connection_key', '=', key)
      // One that was confirmed only then has no mark.
      .where((is) => is.or([is('deleting_since', 'is not', null), isOld]))
      .execute();
    await transaction
      .deleteFrom('unconfirmed_connections')
      .where('user_id', '=', user)
      .where('connection_key', '=', key)
      .where(isOld)
      .execute();
    await recordDeletedKeys(transaction, user, [key]);
    return true;
  });
}

/** Remembers keys for a day, so that neither a running repair nor a lagging vault brings the connections back. */
export async function recordDeletedKeys(
  transaction: Transaction<Schema>,
  user: string,
  keys: string[],
): Promise<void> {
  for (const batch of batchesOf(keys)) {
    await transaction
      .insertInto('deleted_connections')
      .values(batch.map((key) => ({ user_id: user, connection_key: key })))
      .onConflict((conflict) =>
        conflict
          .columns(['user_id', 'connection_key'])
          .doUpdateSet({ deleted_at: sql<Date>`now()` }),
      )
      .execute();
  }
  await repairBy(transaction, user, later);
}

/** Call it within `changeRowsOf`, which creates the row. */
async function repairBy(transaction: Transaction<Schema>, user: string, due: RawBuilder<Date>) {
  await transaction
    .updateTable('repairs')
    .set({ due_at: sql<Date>`least(due_at, ${due})` })
    .where('user_id', '=', user)
    .execute();
}

/** Marks all of an owner's connections as being deleted. See {@link beginDeletion}. */
export function beginOwnerDeletion(
  database: Database,
  owner: Owner,
  signal: AbortSignal,
): Promise<void> {
  const user = ownerId(owner);
  return changeRowsOf(
    database,
    user,
    async (transaction) => {
      await transaction
        .updateTable('user_connections')
        .set({ deleting_since: sql<Date>`now()` })
        .where('user_id', '=', user)
        .execute();
      for (const table of ['unconfirmed_connections', 'deleted_connections'] as const) {
        await transaction
          .selectFrom(table)
          .select('connection_key')
          .where('user_id', '=', user)
          .forUpdate()
          .execute();
      }
      await repairBy(transaction, user, soon);
    },
    signal,
  );
}

/**
 * Ends deletions that a process has left halfway. Rows that the vault lacks are deleted. Those that it still has after
 * a minute can be used again.
 *
 * @param rows the marked ones
 * @param listed the keys that the vault has
 */
export async function resolveDeletions(
  transaction: Transaction<Schema>,
  user: string,
  beganAt: Date,
  rows: Pick<UserConnection, 'connection_key'>[],
  listed: ReadonlySet<string>,
  isComplete: boolean,
): Promise<{ finished: number; cancelled: number }> {
  const keys = rows.map((row) => row.connection_key);
  const gone = isComplete ? keys.filter((key) => !listed.has(key)) : [];
  const kept = keys.filter((key) => listed.has(key));
  let [finished, cancelled] = [0, 0];
  for (const batch of batchesOf(gone)) {
    const deleted = await transaction
      .deleteFrom('user_connections')
      .where('user_id', '=', user)
      .where('connection_key', 'in', batch)
      .where('deleting_since', '<', beganAt)
      .returning('connection_key')
      .execute();
    if (deleted.length === 0) continue;
    finished += deleted.length;
    await recordDeletedKeys(
      transaction,
      user,
      deleted.map((row) => row.connection_key),
    );
  }
  for (const batch of batchesOf(kept)) {
    const { numUpdatedRows } = await transaction
      .updateTable('user_connections')
      .set({ deleting_since: null })
      .where('user_id', '=', user)
      .where('connection_key', 'in', batch)
      // Longer than any request, so nobody is still deleting it.
      .where('deleting_since', '<', sql<Date>`${beganAt}::timestamptz - interval '1 minute'`)
      .executeTakeFirstOrThrow();
    cancelled += Number(numUpdatedRows);
  }
  return { finished, cancelled };
}
