import { sql } from 'kysely';
import { transact, type Database } from './transaction.js';

/** How long to remember deleted keys. Longer than any repair takes, and longer than a vault may lag behind. */
const retention = sql`interval '1 day'`;

/** Rows to delete per call. On the first call, there may be a row for every user ever. Later calls delete the rest. */
const maxRepairs = 10_000;

/**
 * Deletes the records of keys that were deleted long ago, unless a pending repair still has to delete them at Pica, and
 * rows of `repairs` that are no longer needed.
 */
export async function removeExpired(database: Database): Promise<void> {
  await transact(database, (transaction) =>
    transaction
      .deleteFrom('deleted_connections')
      .where('deleted_at', '<', sql<Date>`now() - ${retention}`)
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
      .where('user_id', 'in', (rows) =>
        rows
          .selectFrom('repairs')
          .select('user_id')
          .where('due_at', 'is', null)
          // If there is a claim, its process has ended without releasing it.
          .where((is) =>
            is.or([is('claimed_until', 'is', null), is('claimed_until', '<', sql<Date>`now()`)]),
          )
          // If it was never tried, the row only served as its owner's lock.
          .where((is) =>
            is.or([
              is('tried_at', 'is', null),
              is('tried_at', '<', sql<Date>`now() - ${retention}`),
            ]),
          )
          .limit(maxRepairs)
          // Skip locked rows, because they're in use.
          .forUpdate()
          .skipLocked(),
      )
      .execute(),
  );
}
