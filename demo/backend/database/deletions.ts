import { sql, type RawBuilder, type Transaction } from 'kysely';
import { ownerId, type Owner } from '../owner.js';
import { chunksOf } from './chunks.js';
import type { Schema, UserConnection } from './schema.js';
import { transact, type Database } from './transaction.js';
import { changeRowsOf } from './user-lock.js';

/** A deletion under way. */
export interface Deletion {
  key: string;
  /** By the database's clock, and exactly as it has it: a Date would not be. */
  beganAt: string;
  /** Whether there is such a connection or claim in the tables. */
  isKnown: boolean;
}

/**
 * In the place of a key: everything that the owner had until then, should the vault list it only later. No connection
 * has an empty key.
 */
export const everything = '';

/** More than the minute after which a repair takes a deletion for given up. */
const soon = sql<Date>`now() + interval '75 seconds'`;

/** What a vault that lags behind lists only later is deleted there by then. */
const later = sql<Date>`now() + interval '5 minutes'`;

/**
 * Marks a connection as being deleted, before Pica is asked to: where the row cannot be changed, the grant stays. From
 * here on nothing uses it. Should this process end halfway, a repair looks at what came of it.
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

/** Proves that rows can be changed: waits for who has locked them, or the table, and fails where it is read-only. */
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

/** Pica was not asked, or has refused: the connection can be used again. */
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
      // Somebody else may be deleting it, too.
      .where('deleting_since', '=', sql<Date>`${beganAt}::timestamptz`)
      .execute(),
  );
}

/**
 * Pica has it no more. No repair that is under way brings it back.
 *
 * @param wasInVault whether Pica had it, so that a repair may
 * @returns whether there was anything to delete, here or there
 */
export function finishDeletion(
  database: Database,
  owner: Owner,
  { key, beganAt, isKnown }: Deletion,
  wasInVault: boolean,
): Promise<boolean> {
  // What nobody has is not remembered: anybody can make up keys.
  if (!isKnown && !wasInVault) return Promise.resolve(false);
  const user = ownerId(owner);
  return changeRowsOf(database, user, async (transaction) => {
    await transaction
      .deleteFrom('user_connections')
      .where('user_id', '=', user)
      .where('connection_key', '=', key)
      .execute();
    await transaction
      .deleteFrom('unconfirmed_connections')
      .where('user_id', '=', user)
      .where('connection_key', '=', key)
      // One that was saved since then may be a new connection: a repair finds out.
      .where('created_at', '<=', sql<Date>`${beganAt}::timestamptz`)
      .execute();
    await rememberDeleted(transaction, user, [key]);
    return true;
  });
}

/** For a day, in which neither a repair that has read the vault before nor a vault that lags behind brings them back. */
export async function rememberDeleted(
  transaction: Transaction<Schema>,
  user: string,
  keys: string[],
): Promise<void> {
  for (const chunk of chunksOf(keys)) {
    await transaction
      .insertInto('deleted_connections')
      .values(chunk.map((key) => ({ user_id: user, connection_key: key })))
      .onConflict((conflict) =>
        conflict
          .columns(['user_id', 'connection_key'])
          .doUpdateSet({ deleted_at: sql<Date>`now()` }),
      )
      .execute();
  }
  await repairBy(transaction, user, later);
}

/** Within `changeRowsOf`, which has made the row. */
async function repairBy(transaction: Transaction<Schema>, user: string, due: RawBuilder<Date>) {
  await transaction
    .updateTable('repairs')
    .set({ due_at: sql<Date>`least(due_at, ${due})` })
    .where('user_id', '=', user)
    .execute();
}

/** Marks everything of an owner as being deleted, as {@link beginDeletion} does one. */
export function beginForgetting(
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
 * Brings deletions to their end that a process has left halfway: what the vault has no more goes, and what it still has
 * a minute later can be used again.
 *
 * @param rows those that are marked
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
  for (const chunk of chunksOf(gone)) {
    const deleted = await transaction
      .deleteFrom('user_connections')
      .where('user_id', '=', user)
      .where('connection_key', 'in', chunk)
      .where('deleting_since', '<', beganAt)
      .returning('connection_key')
      .execute();
    if (deleted.length === 0) continue;
    finished += deleted.length;
    await rememberDeleted(
      transaction,
      user,
      deleted.map((row) => row.connection_key),
    );
  }
  for (const chunk of chunksOf(kept)) {
    const { numUpdatedRows } = await transaction
      .updateTable('user_connections')
      .set({ deleting_since: null })
      .where('user_id', '=', user)
      .where('connection_key', 'in', chunk)
      // No request takes that long.
      .where('deleting_since', '<', sql<Date>`${beganAt}::timestamptz - interval '1 minute'`)
      .executeTakeFirstOrThrow();
    cancelled += Number(numUpdatedRows);
  }
  return { finished, cancelled };
}
