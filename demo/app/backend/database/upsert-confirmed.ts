import { sql, type Transaction } from 'kysely';
import type { VaultConnection } from '../pica/vault.js';
import type { Schema, UserConnection } from './schema.js';

export interface UpsertResult {
  rows: UserConnection[];
  /** How many rows of other owners were deleted, because their keys belong to this owner. */
  displaced: number;
}

/**
 * Stores connections that Pica's vault has for this owner, and deletes the owner's claims for them.
 *
 * Call it within `changeRowsOf`, so that no other call for this owner runs at the same time: the table has two unique
 * indexes, and ON CONFLICT handles only one.
 */
export async function upsertConfirmed(
  transaction: Transaction<Schema>,
  owner: string,
  connections: VaultConnection[],
): Promise<UpsertResult> {
  if (connections.length === 0) return { rows: [], displaced: 0 };
  const keys = connections.map(({ key }) => key);
  const claimed = await transaction
    .deleteFrom('unconfirmed_connections')
    .where('user_id', '=', owner)
    .where('connection_key', 'in', keys)
    .returningAll()
    .execute();
  const claims = new Map(claimed.map((claim) => [claim.connection_key, claim]));
  // Pica says that these keys are this owner's, so nobody else's rows may have them.
  const { numDeletedRows } = await transaction
    .deleteFrom('user_connections')
    .where('user_id', '!=', owner)
    .where('connection_key', 'in', keys)
    .executeTakeFirstOrThrow();
  const rows = await transaction
    .insertInto('user_connections')
    .values(
      connections.map(({ key, platform, environment, state, name, createdAt }) => {
        const claim = claims.get(key);
        const created_at = claim?.created_at ?? createdAt;
        return {
          ...(claim && { id: claim.id }),
          user_id: owner,
          connection_key: key,
          ...{ platform, environment, state },
          name: claim?.name ?? name ?? null,
          ...(created_at && { created_at }),
          confirmed_at: sql<Date>`now()`,
        };
      }),
    )
    .onConflict((conflict) =>
      conflict.columns(['user_id', 'connection_key']).doUpdateSet((expression) => ({
        platform: expression.ref('excluded.platform'),
        environment: expression.ref('excluded.environment'),
        state: expression.ref('excluded.state'),
        name: expression.fn.coalesce('user_connections.name', 'excluded.name'),
        updated_at: sql<Date>`now()`,
        missing_since: null,
        confirmed_at: sql<Date>`now()`,
      })),
    )
    .returningAll()
    .execute();
  return { rows, displaced: Number(numDeletedRows) };
}
