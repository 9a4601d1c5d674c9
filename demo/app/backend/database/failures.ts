import pg from 'pg';
import { Problem } from '../problem.js';

/** PostgreSQL could not be reached, or the connection broke: nothing was committed, or the outcome is unknown. */
export class ConnectionFailed extends Error {
  override readonly name = 'ConnectionFailed';
}

/** All of this process's connections are in use, and none became free in time. */
export class PoolExhausted extends Error {
  override readonly name = 'PoolExhausted';
}

/** A restart or a failover takes a few seconds. */
const retryAfterSeconds = 5;

/**
 * Returns the answer for a failure of the database, or undefined for other errors, such as a wrong statement.
 *
 * Codes: https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
export function databaseProblem(error: unknown): Problem | undefined {
  const problem = (code: string, message: string) =>
    new Problem(503, code, message, 'Try again in a few seconds.', retryAfterSeconds, error);
  if (error instanceof ConnectionFailed) {
    return problem('database-unavailable', 'The database cannot be reached.');
  }
  if (error instanceof PoolExhausted) {
    return problem('database-busy', 'All connections to the database are in use.');
  }
  if (!(error instanceof pg.DatabaseError)) return undefined;
  const { code = '' } = error;
  switch (code) {
    case '25006':
      return problem('database-read-only', 'The database is read-only at the moment.');
    case '53100':
      return problem('database-full', "The database's disk is full.");
    case '53300':
      return problem('database-busy', 'The database has too many connections.');
    case '55P03':
    case '40P01':
    case '40001':
      return problem('database-locked', 'These rows were locked for too long.');
    case '57014':
      return problem('database-timeout', 'The database took too long.');
    default:
      // 08: connection failed. 53: out of resources. 57P: shutting down, crashed, starting, or idle for too long.
      return /^(08|53|57P|25P03)/.test(code)
        ? problem('database-unavailable', 'The database is not available.')
        : undefined;
  }
}
