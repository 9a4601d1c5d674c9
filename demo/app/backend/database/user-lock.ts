import type { Transaction } from 'kysely';
import type { Schema } from './schema.js';
import { transact, type Database } from './transaction.js';

/**
 * Changes several rows of one user, while no other deletion or repair of that user runs.
 *
 * It locks the user's row in `repairs` before anything else, so that there are no deadlocks. It isn't an advisory lock,
 * because not every PostgreSQL-compatible database has those.
 *
 * @param signal as in {@link transact}
 */
export function changeRowsOf<Result>(
  database: Database,
  user: string,
  change: (transaction: Transaction<Schema>) => Promise<Result>,
  signal?: AbortSignal,
): Promise<Result> {
  return transact(
    database,
    async (transaction) => {
      await transaction
        .insertInto('repairs')
        .values({ user_id: user })
        .onConflict((conflict) => conflict.column('user_id').doUpdateSet({ user_id: user }))
        .execute();
      return change(transaction);
    },
    signal,
  );
}
