import { sql, type Transaction } from 'kysely';
import { ownerId } from '../owner.js';
import type { VaultConnection, VaultListing } from '../pica/vault.js';
import { batchesOf } from './statement-batches.js';
import { upsertConfirmed } from './upsert-confirmed.js';
import { everyKey, resolveDeletions } from './deletions.js';
import type { Claim } from './repair-schedule.js';
import type { Schema } from './schema.js';
import type { Database } from './transaction.js';
import { changeRowsOf } from './user-lock.js';

/** How many rows each step changed. */
export interface Repaired {
  added: number;
  updated: number;
  missing: number;
  /** Rows of other owners that were deleted, because the vault has their keys for this owner. */
  displaced: number;
  /** Claims that Pica doesn't have. */
  dropped: number;
  /** Deletions that a process had left halfway, now done. */
  finished: number;
  /** Deletions that never reached Pica. The connections can be used again. */
  cancelled: number;
}

export interface Repair extends Repaired {
  /** Connections that the owner deleted and Pica still lists. The caller deletes them there. */
  unwanted: VaultConnection[];
}

/** Pica may list a connection late. Younger rows aren't marked as missing, and younger claims aren't dropped. */
const grace = sql`interval '10 minutes'`;

/**
 * Brings an owner's rows up to date with Pica's vault.
 *
 * The listing is already a little old, so this doesn't touch rows that were saved or deleted since the listing began.
 * Deletes a confirmed row only if its owner wanted that. Marks rows that the vault lacks as missing, until the vault has
 * them again.
 *
 * @param environment the only one that the listing can contain; undefined if it can contain any
 * @param signal cancels the work
 */
export function repair(
  database: Database,
  { owner, beganAt }: Claim,
  { connections, unparsedKeys, isComplete }: VaultListing,
  environment: string | undefined,
  signal?: AbortSignal,
): Promise<Repair> {
  const user = ownerId(owner);
  const change = async (transaction: Transaction<Schema>) => {
    await claimUnconfirmed(transaction, user);
    const rows = await transaction
      .selectFrom('user_connections')
      .select([
        'connection_key',
        'environment',
        'state',
        'missing_since',
        'confirmed_at',
        'deleting_since',
      ])
      .where('user_id', '=', user)
      .execute();
    const marked = rows.filter((row) => row.deleting_since !== null);
    const stored = new Map(rows.map((row) => [row.connection_key, row]));
    const keys = connections.map(({ key }) => key);
    const listed = new Set([...keys, ...unparsedKeys]);

    const lacking = connections.filter(({ key }) => !stored.has(key));
    const { added, displaced, unwanted } = await add(transaction, user, lacking);
    const resolved = await resolveDeletions(
      ...([transaction, user, beganAt, marked, listed, isComplete] as const),
    );
    // A claim with the key of a row being deleted may be a new connection.
    const beingDeleted = new Set(marked.map((row) => row.connection_key));
    const confirmed = keys.filter((key) => !beingDeleted.has(key));
    await deleteClaims(transaction, user, confirmed);
    const dropped = isComplete ? await dropClaims(transaction, user, beganAt, unparsedKeys) : 0;

    const changed = connections.filter(({ key, state }) => {
      const row = stored.get(key);
      if (!row) return false;
      const isNeverLookedUp = row.confirmed_at?.getTime() === 0;
      return row.state !== state || row.missing_since !== null || isNeverLookedUp;
    });
    const updated = await bringUpToDate(transaction, user, beganAt, changed);

    const unlisted = rows.filter(
      (row) =>
        isComplete &&
        row.missing_since === null &&
        row.deleting_since === null &&
        !listed.has(row.connection_key) &&
        (environment ?? row.environment) === row.environment,
    );
    const missing = await mark(
      transaction,
      user,
      beganAt,
      unlisted.map((row) => row.connection_key),
    );
    return { added, updated, missing, displaced, dropped, ...resolved, unwanted };
  };
  return changeRowsOf(database, user, change, signal);
}

/** Turns rows that an older process has stored without asking Pica into claims. */
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
  const deletions = await transaction
    .selectFrom('deleted_connections')
    .select(['connection_key', 'deleted_at'])
    .where('user_id', '=', user)
    .execute();
  const deleted = new Map(deletions.map((row) => [row.connection_key, row.deleted_at]));
  const claims = await transaction
    .selectFrom('unconfirmed_connections')
    .select('connection_key')
    .where('user_id', '=', user)
    .execute();
  // These were saved again after the deletion.
  const claimed = new Set(claims.map((row) => row.connection_key));
  const allDeletedAt = deleted.get(everyKey)?.getTime() ?? -Infinity;
  const isUnwanted = ({ key, createdAt }: VaultConnection) =>
    !claimed.has(key) && (deleted.has(key) || (createdAt?.getTime() ?? -Infinity) < allDeletedAt);
  let [added, displaced] = [0, 0];
  for (const batch of batchesOf(lacking.filter((connection) => !isUnwanted(connection)))) {
    const result = await upsertConfirmed(transaction, user, batch);
    added += result.rows.length;
    displaced += result.displaced;
  }
  return { added, displaced, unwanted: lacking.filter(isUnwanted) };
}

/** Deletes the claims for keys that are confirmed by now. */
async function deleteClaims(
  transaction: Transaction<Schema>,
  user: string,
  confirmed: string[],
): Promise<void> {
  for (const batch of batchesOf(confirmed)) {
    await transaction
      .deleteFrom('unconfirmed_connections')
      .where('user_id', '=', user)
      .where('connection_key', 'in', batch)
      .execute();
  }
}

/**
 * @param unparsedKeys of connections that Pica has, but that can't be confirmed
 * @returns how many claims were dropped, because Pica has lacked them for ten minutes
 */
async function dropClaims(
  transaction: Transaction<Schema>,
  user: string,
  beganAt: Date,
  unparsedKeys: string[],
): Promise<number> {
  await transaction
    .updateTable('unconfirmed_connections')
    .set({ unlisted_since: beganAt })
    .where('user_id', '=', user)
    .where('unlisted_since', 'is', null)
    .where('created_at', '<', beganAt)
    .execute();
  for (const batch of batchesOf(unparsedKeys)) {
    await transaction
      .updateTable('unconfirmed_connections')
      .set({ unlisted_since: null })
      .where('user_id', '=', user)
      .where('connection_key', 'in', batch)
      .execute();
  }
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
    for (const batch of batchesOf(keys)) {
      const { numUpdatedRows } = await transaction
        .updateTable('user_connections')
        .set({
          ...{ state, missing_since: null },
          updated_at: sql<Date>`now()`,
          confirmed_at: sql<Date>`now()`,
        })
        .where('user_id', '=', user)
        .where('connection_key', 'in', batch)
        .where('updated_at', '<', beganAt)
        .executeTakeFirstOrThrow();
      updated += Number(numUpdatedRows);
    }
  }
  return updated;
}

async function mark(
  transaction: Transaction<Schema>,
  user: string,
  beganAt: Date,
  keys: string[],
): Promise<number> {
  let marked = 0;
  for (const batch of batchesOf(keys)) {
    const { numUpdatedRows } = await transaction
      .updateTable('user_connections')
      // `failed`, because it can't be used, and every list offers to reconnect a failed connection.
      .set({ state: 'failed', missing_since: sql<Date>`now()` })
      .where('user_id', '=', user)
      .where('connection_key', 'in', batch)
      // Not `updated_at`: otherwise, a page that keeps sending a key would keep it from ever being missing.
      .where('created_at', '<', sql<Date>`${beganAt}::timestamptz - ${grace}`)
      .where('confirmed_at', '<', sql<Date>`${beganAt}::timestamptz - ${grace}`)
      .executeTakeFirstOrThrow();
    marked += Number(numUpdatedRows);
  }
  return marked;
}
