import { sql } from 'kysely';
import { ownerId, type Owner } from '../owner.js';
import type { Database } from './transaction.js';
import { changeRowsOf } from './user-lock.js';

/**
 * Deletes everything that the tables have of an owner, but for the keys of what was deleted: for a day, a repair that
 * has read the vault before, or a vault that lags behind, must not bring them back. Then they go too.
 *
 * @param keys what was deleted at Pica
 */
export function forgetOwner(database: Database, owner: Owner, keys: string[]): Promise<void> {
  const user = ownerId(owner);
  return changeRowsOf(database, user, async (transaction) => {
    const gone = new Set(keys);
    for (const table of ['user_connections', 'unconfirmed_connections'] as const) {
      const rows = await transaction
        .deleteFrom(table)
        .where('user_id', '=', user)
        .returning('connection_key')
        .execute();
      for (const row of rows) gone.add(row.connection_key);
    }
    if (gone.size > 0) {
      await transaction
        .insertInto('deleted_connections')
        .values([...gone].map((key) => ({ user_id: user, connection_key: key })))
        .onConflict((conflict) =>
          conflict
            .columns(['user_id', 'connection_key'])
            .doUpdateSet({ deleted_at: sql<Date>`now()` }),
        )
        .execute();
    }
    await transaction.deleteFrom('repairs').where('user_id', '=', user).execute();
  });
}
