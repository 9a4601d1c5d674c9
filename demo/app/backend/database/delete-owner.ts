import { ownerId, type Owner } from '../owner.js';
import { everyKey, recordDeletedKeys } from './deletions.js';
import type { Database } from './transaction.js';
import { changeRowsOf } from './user-lock.js';

/**
 * Deletes everything that the tables have of an owner. Keeps the keys of deleted connections for a day, so that neither
 * a running repair nor a lagging vault brings them back.
 *
 * Leaves a repair scheduled. It deletes at Pica what the vault lists only then, whether it was ever stored or not.
 *
 * @param keys of the connections that were deleted at Pica
 */
export function deleteOwner(database: Database, owner: Owner, keys: string[]): Promise<void> {
  const user = ownerId(owner);
  return changeRowsOf(database, user, async (transaction) => {
    const gone = new Set([everyKey, ...keys]);
    for (const table of ['user_connections', 'unconfirmed_connections'] as const) {
      const rows = await transaction
        .deleteFrom(table)
        .where('user_id', '=', user)
        .returning('connection_key')
        .execute();
      for (const row of rows) gone.add(row.connection_key);
    }
    await transaction
      .updateTable('repairs')
      .set({ due_at: null, claimed_until: null, tried_at: null, failures: 0 })
      .where('user_id', '=', user)
      .execute();
    await recordDeletedKeys(transaction, user, [...gone]);
  });
}
