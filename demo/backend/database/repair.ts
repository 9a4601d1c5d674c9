import { sql, type Transaction } from 'kysely';
import { ownerId } from '../owner.js';
import type { VaultConnection, VaultListing } from '../pica/vault.js';
import { place } from './confirmed.js';
import type { Claim } from './repair-schedule.js';
import type { Schema } from './schema.js';
import { transact, type Database } from './transaction.js';
import { changeRowsOf } from './user-lock.js';

/** How many rows each step concerned. */
export interface Repaired {
  added: number;
  updated: number;
  missing: number;
  /** In the vault as this owner's, and stored by somebody else, who has lost them by it. */
  displaced: number;
  /** Claims that Pica knows nothing of. */
  dropped: number;
}

export interface Repair extends Repaired {
  /** What the owner has deleted and Pica lists all the same: it is to be deleted there. */
  unwanted: VaultConnection[];
}

/** A row that was made or confirmed so lately is not called missing, nor a claim dropped: Pica may not list it yet. */
const grace = sql`interval '10 minutes'`;

/** For how long it is remembered what was deleted. No repair takes a minute; a slow vault may lag behind. */
const memory = sql`interval '1 day'`;

/**
 * Brings an owner's rows to what Pica's vault holds.
 *
 * The listing is already a little old. What was deleted or saved since it was begun is therefore left alone, and no
 * connection is ever deleted here: what the vault has no more is marked, and the mark goes when it is there again.
 *
 * @param environment the only one that the listing can have; any where it is undefined
 */
export function repair(
  database: Database,
  { owner, beganAt }: Claim,
  { connections, isComplete }: VaultListing,
  environment: string | undefined,
): Promise<Repair> {
  const user = ownerId(owner);
  return changeRowsOf(database, user, async (transaction) => {
    await claimUnconfirmed(transaction, user);
    const rows = await transaction
      .selectFrom('user_connections')
      .select(['connection_key', 'environment', 'state', 'missing_since', 'confirmed_at'])
      .where('user_id', '=', user)
      .execute();
    const stored = new Map(rows.map((row) => [row.connection_key, row]));
    const keys = connections.map(({ key }) => key);
    const listed = new Set(keys);

    const lacking = connections.filter(({ key }) => !stored.has(key));
    const { added, displaced, unwanted } = await add(transaction, user, lacking);
    const dropped = await forgetClaims(transaction, user, beganAt, keys, isComplete);

    const changed = connections.filter(({ key, state }) => {
      const row = stored.get(key);
      if (!row) return false;
      const isUnseen = row.confirmed_at?.getTime() === 0;
      return row.state !== state || row.missing_since !== null || isUnseen;
    });
    const updated = await bringUpToDate(transaction, user, beganAt, changed);

    const unlisted = rows.filter(
      (row) =>
        isComplete &&
        row.missing_since === null &&
        !listed.has(row.connection_key) &&
        (environment ?? row.environment) === row.environment,
    );
    const missing = await mark(
      transaction,
      user,
      beganAt,
      unlisted.map((row) => row.connection_key),
    );
    return { added, updated, missing, displaced, dropped, unwanted };
  });
}

/**
 * Forgets what was deleted long ago, unless a repair that would delete it at Pica is still to come, and when those were
 * repaired who have nothing any more.
 */
export async function forgetDeletions(database: Database): Promise<void> {
  await transact(database, (transaction) =>
    transaction
      .deleteFrom('deleted_connections')
      .where('deleted_at', '<', sql<Date>`now() - ${memory}`)
      .where(
        sql<boolean>`not exists (
          select 1 from repairs where repairs.user_id = deleted_connections.user_id
            and (failures > 0 or tried_at is null or tried_at <= deleted_at))`,
      )
      .execute(),
  );
  await transact(database, (transaction) =>
    transaction
      .deleteFrom('repairs')
      .where('due_at', 'is', null)
      .where('claimed_until', 'is', null)
      .where('tried_at', '<', sql<Date>`now() - ${memory}`)
      .execute(),
  );
}

/** What a process of the release before has stored without asking Pica is a claim like any other. */
async function claimUnconfirmed(transaction: Transaction<Schema>, user: string): Promise<void> {
  const unasked = await transaction
    .deleteFrom('user_connections')
    .where('user_id', '=', user)
    .where('confirmed_at', 'is', null)
    .returning(['id', 'user_id', 'platform', 'connection_key', 'environment', 'name', 'created_at'])
    .execute();
  if (unasked.length === 0) return;
  await transaction
    .insertInto('unconfirmed_connections')
    .values(unasked)
    .onConflict((conflict) => conflict.columns(['user_id', 'connection_key']).doNothing())
    .execute();
}

async function add(transaction: Transaction<Schema>, user: string, lacking: VaultConnection[]) {
  if (lacking.length === 0) return { added: 0, displaced: 0, unwanted: [] };
  const keysIn = (table: 'deleted_connections' | 'unconfirmed_connections') =>
    transaction.selectFrom(table).select('connection_key').where('user_id', '=', user).execute();
  const deleted = new Set((await keysIn('deleted_connections')).map((row) => row.connection_key));
  // Saved again since.
  for (const row of await keysIn('unconfirmed_connections')) deleted.delete(row.connection_key);
  const wanted = lacking.filter(({ key }) => !deleted.has(key));
  const { rows, displaced } = await place(transaction, user, wanted);
  const unwanted = lacking.filter(({ key }) => deleted.has(key));
  return { added: rows.length, displaced, unwanted };
}

/** @returns how many claims were dropped, because Pica has answered for ten minutes without them */
async function forgetClaims(
  transaction: Transaction<Schema>,
  user: string,
  beganAt: Date,
  listed: string[],
  isComplete: boolean,
): Promise<number> {
  if (listed.length > 0) {
    // Confirmed since they were made.
    await transaction
      .deleteFrom('unconfirmed_connections')
      .where('user_id', '=', user)
      .where('connection_key', 'in', listed)
      .execute();
  }
  if (!isComplete) return 0;
  const unlisted = transaction
    .updateTable('unconfirmed_connections')
    .set({ unlisted_since: beganAt })
    .where('user_id', '=', user)
    .where('unlisted_since', 'is', null)
    .where('created_at', '<', beganAt);
  await unlisted.execute();
  const { numDeletedRows } = await transaction
    .deleteFrom('unconfirmed_connections')
    .where('user_id', '=', user)
    .where('unlisted_since', '<=', sql<Date>`${beganAt}::timestamptz - ${grace}`)
    .executeTakeFirstOrThrow();
  return Number(numDeletedRows);
}

async function bringUpToDate(
  transaction: Transaction<Schema>,
  user: string,
  beganAt: Date,
  changed: VaultConnection[],
): Promise<number> {
  let updated = 0;
  for (const state of new Set(changed.map((connection) => connection.state))) {
    const keys = changed.filter((connection) => connection.state === state).map(({ key }) => key);
    const { numUpdatedRows } = await transaction
      .updateTable('user_connections')
      .set({
        ...{ state, missing_since: null },
        updated_at: sql<Date>`now()`,
        confirmed_at: sql<Date>`now()`,
      })
      .where('user_id', '=', user)
      .where('connection_key', 'in', keys)
      .where('updated_at', '<', beganAt)
      .executeTakeFirstOrThrow();
    updated += Number(numUpdatedRows);
  }
  return updated;
}

async function mark(
  transaction: Transaction<Schema>,
  user: string,
  beganAt: Date,
  keys: string[],
): Promise<number> {
  if (keys.length === 0) return 0;
  const { numUpdatedRows } = await transaction
    .updateTable('user_connections')
    // `failed`, because that is what it is to whoever uses it, and what every list offers to reconnect.
    .set({ state: 'failed', missing_since: sql<Date>`now()` })
    .where('user_id', '=', user)
    .where('connection_key', 'in', keys)
    // Not `updated_at`: whoever sends a key again and again would keep it from ever being missing.
    .where('created_at', '<', sql<Date>`${beganAt}::timestamptz - ${grace}`)
    .where('confirmed_at', '<', sql<Date>`${beganAt}::timestamptz - ${grace}`)
    .executeTakeFirstOrThrow();
  return Number(numUpdatedRows);
}
