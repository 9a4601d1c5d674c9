import { sql, type Kysely, type Transaction } from 'kysely';
import type { VaultConnection, VaultListing } from '../pica/vault.js';
import type { Claim } from './repair-schedule.js';
import type { Schema } from './schema.js';
import { changeRowsOf } from './user-lock.js';

/** How many rows each step concerned. */
export interface Repaired {
  added: number;
  updated: number;
  missing: number;
  /** In the vault as this user's, in the table as somebody else's. They stay where they are. */
  taken: number;
}

/** A row that was changed so lately is not called missing: Pica may not list it yet. */
const grace = sql`interval '10 minutes'`;

/** For how long it is remembered what was deleted. No repair takes a minute; a slow vault may lag behind. */
const memory = sql`interval '1 day'`;

/**
 * Brings a user's rows to what Pica's vault holds.
 *
 * The listing is already a little old. What was deleted or saved since it was begun is therefore left alone, and
 * nothing is ever deleted here: what the vault has no more is marked, and the mark goes when it is there again.
 *
 * @param environment the only one that the listing can have; any where it is undefined
 */
export function repair(
  database: Kysely<Schema>,
  { user, beganAt }: Claim,
  { connections, isComplete }: VaultListing,
  environment: string | undefined,
): Promise<Repaired> {
  return changeRowsOf(database, user, async (transaction) => {
    const rows = await transaction
      .selectFrom('user_connections')
      .select(['connection_key', 'environment', 'state', 'missing_since'])
      .where('user_id', '=', user)
      .execute();
    const stored = new Map(rows.map((row) => [row.connection_key, row]));
    const listed = new Set(connections.map(({ key }) => key));

    const lacking = connections.filter(({ key }) => !stored.has(key));
    const { added, taken } = await add(transaction, user, lacking);

    const changed = connections.filter(({ key, state }) => {
      const row = stored.get(key);
      return row !== undefined && (row.state !== state || row.missing_since !== null);
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
    return { added, updated, missing, taken };
  });
}

/** Forgets what was deleted long ago. */
export async function forgetDeletions(database: Kysely<Schema>): Promise<void> {
  await database
    .deleteFrom('deleted_connections')
    .where('deleted_at', '<', sql<Date>`now() - ${memory}`)
    .execute();
}

async function add(transaction: Transaction<Schema>, user: string, lacking: VaultConnection[]) {
  if (lacking.length === 0) return { added: 0, taken: 0 };
  const deletions = await transaction
    .selectFrom('deleted_connections')
    .select('connection_key')
    .where('user_id', '=', user)
    .execute();
  const deleted = new Set(deletions.map((row) => row.connection_key));
  const wanted = lacking.filter(({ key }) => !deleted.has(key));
  if (wanted.length === 0) return { added: 0, taken: 0 };
  const inserted = await transaction
    .insertInto('user_connections')
    .values(
      wanted.map(({ key, platform, environment, state, name, createdAt }) => ({
        user_id: user,
        connection_key: key,
        platform,
        environment,
        state,
        name: name ?? null,
        ...(createdAt && { created_at: createdAt }),
      })),
    )
    // Stored since, or stored for another user, from whom nothing is taken.
    .onConflict((conflict) => conflict.column('connection_key').doNothing())
    .returning('connection_key')
    .execute();
  const refused = wanted.length - inserted.length;
  if (refused === 0) return { added: inserted.length, taken: 0 };
  const { taken } = await transaction
    .selectFrom('user_connections')
    .select(({ fn }) => fn.countAll().as('taken'))
    .where('user_id', '!=', user)
    .where(
      'connection_key',
      'in',
      wanted.map(({ key }) => key),
    )
    .executeTakeFirstOrThrow();
  return { added: inserted.length, taken: Number(taken) };
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
      .set({ state, missing_since: null, updated_at: sql<Date>`now()` })
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
    .where('updated_at', '<', sql<Date>`${beganAt}::timestamptz - ${grace}`)
    .executeTakeFirstOrThrow();
  return Number(numUpdatedRows);
}
