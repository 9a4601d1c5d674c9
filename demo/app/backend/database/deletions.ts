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

/** Later than the minute after which a repair considers a deletion abandoned. */
const soon = sql<Date>`now() + interval '75 seconds'`;

/** By then, even a lagging vault lists every connection, and a repair deletes them there. */
const later = sql<Date>`now() + interval '5 minutes'`;

/**
 * Marks a connection as being deleted, before Pica is asked to delete it: if the row can't be changed, the grant stays.
 * From then on, nothing uses the connection. If this process ends halfway, a repair finishes or cancels the deletion.
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

/** Proves that the rows can be changed: waits for locks on them and on their table, and fails on a read-only database. */
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

/** Removes the mark, because Pica was not asked or has refused. The connection can be used again. */
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
      // Keep the mark of another request that is deleting it, too.
      .where('deleting_since', '=', sql<Date>`${beganAt}::timestamptz`)
      .execute(),
  );
}

/**
 * Deletes the rows, after Pica has deleted the connection, and keeps running repairs from adding them again.
 *
 * @param wasInVault whether Pica had it. A running repair may have read it before that.
 * @returns whether there was anything to delete, here or at Pica
 */
export function finishDeletion(
  database: Database,
  owner: Owner,
  { key, beganAt, isKnown }: Deletion,
  wasInVault: boolean,
): Promise<boolean> {
  // Don't remember unknown keys, because anybody can make up any number of them.
  if (!isKnown && !wasInVault) return Promise.resolve(false);
  const user = ownerId(owner);
  return changeRowsOf(database, user, async (transaction) => {
    // Keep rows that were saved since then: they may be of a new connection, and a repair finds out.
    const isOld = sql<boolean>`created_at <= ${beganAt}::timestamptz`;
    await transaction
      .deleteFrom('user_connections')
      .where('user_id', '=', user)
      .where('connection_key', '=', key)
      // A claim that was confirmed since then is a row without a mark.
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
 * Ends deletions that a process left halfway. Deletes rows that the vault lacks. Removes the mark of rows that the vault
 * still has after a minute.
 *
 * @param rows the marked rows
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
