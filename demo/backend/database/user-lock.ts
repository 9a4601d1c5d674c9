import { sql, type Kysely, type Transaction } from 'kysely';
import type { Schema } from './schema.js';

/**
 * Changes several rows of one user, while no other deletion or repair of that user's does.
 *
 * It is that user's row in `repairs` that is locked, always first, so that there is no order to get wrong; and a row
 * rather than an advisory lock, because every PostgreSQL-like database has those.
 */
export function changeRowsOf<Result>(
  database: Kysely<Schema>,
  user: string,
  change: (transaction: Transaction<Schema>) => Promise<Result>,
): Promise<Result> {
  return (
    database
      .transaction()
      // Each statement sees what was committed before it: after the lock, what the one before us did.
      .setIsolationLevel('read committed')
      .execute(async (transaction) => {
        // A process that was stopped in the middle must not keep others waiting for ever.
        await sql`set local lock_timeout = '5s'`.execute(transaction);
        await sql`set local idle_in_transaction_session_timeout = '10s'`.execute(transaction);
        await transaction
          .insertInto('repairs')
          .values({ user_id: user })
          .onConflict((conflict) => conflict.column('user_id').doUpdateSet({ user_id: user }))
          .execute();
        return change(transaction);
      })
  );
}
