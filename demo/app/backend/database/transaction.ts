import type { Kysely, Transaction } from 'kysely';
import { abortError } from '../abort-error.js';
import { databaseProblem } from './failures.js';
import type { Schema } from './schema.js';

/** Can only run transactions. A statement outside of one would have no time limit, so it must not compile. */
export type Database = Pick<Kysely<Schema>, 'connection'>;

/**
 * Runs statements in one transaction. Every statement of the backend goes through here.
 *
 * The time limits are set in the transaction, by `beginTransaction` in server-driver.ts.
 *
 * @param signal cancels the work: waiting for a connection ends, or the running statement is cancelled in PostgreSQL and the
 *   transaction rolled back. Once all statements have run, it commits anyway.
 * @throws Problem with 503 and `Retry-After` if the database failed; an error if `signal` is aborted
 */
export async function transact<Result>(
  database: Database,
  work: (transaction: Transaction<Schema>) => Promise<Result>,
  signal?: AbortSignal,
): Promise<Result> {
  try {
    return await database.connection().execute(
      (connection) =>
        connection
          .transaction()
          // Each statement sees all earlier commits, so after waiting for a lock, also its previous holder's.
          .setIsolationLevel('read committed')
          .execute(work),
      signal && { signal },
    );
  } catch (error) {
    if (signal?.aborted) throw abortError(signal);
    throw databaseProblem(error) ?? error;
  }
}
