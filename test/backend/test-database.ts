import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import pg from 'pg';
import { poll } from './hang-guard.js';

/** An administrator's URL of a real PostgreSQL. Without it, the tests use PGlite in memory. */
export const adminUrl = process.env.TEST_DATABASE_URL;

export interface TestDatabase {
  /** For `BackendOptions.database`. */
  location: string;
  drop: () => Promise<void>;
}

/** An empty database that nobody else uses. */
export async function createTestDatabase(): Promise<TestDatabase> {
  if (!adminUrl) return { location: 'memory://', drop: () => Promise.resolve() };
  const name = `pica_connect_test_${randomBytes(6).toString('hex')}`;
  await administrate(`create database ${name}`);
  const url = new URL(adminUrl);
  url.pathname = name;
  return {
    location: url.href,
    drop: () => administrate(`drop database ${name} with (force)`),
  };
}

/** Connects with time limits: a server that doesn't answer has to fail a test, not make it hang. */
export async function connectTo(url: string | undefined): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: 30_000,
    query_timeout: 60_000,
  });
  // If the server ends the connection, the next query says so.
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

/** Runs one statement, as the administrator unless it is for another database. */
export async function administrate(statement: string, url = adminUrl): Promise<void> {
  const client = await connectTo(url);
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

/**
 * Waits until this many statements wait for a lock.
 *
 * @param requests what runs these statements. If one of them ends without having waited, the statements never wait, so
 *   this throws with its outcome.
 */
export async function waitForBlockedStatements(
  url: string,
  expected: number,
  ...requests: Promise<unknown>[]
): Promise<void> {
  // A client of its own, because pg_stat_activity does not change within a transaction.
  const client = await connectTo(url);
  const waiting = async () => {
    const { rows } = await client.query<{ query: string }>(
      `select query from pg_stat_activity
       where datname = current_database() and wait_event_type = 'Lock'`,
    );
    return rows.map(({ query }) => query);
  };
  const ended = requests.map(async (request): Promise<never> => {
    const outcome = inspect(await request, { depth: 1 });
    throw new Error(`Ended without waiting for a lock: ${outcome}`);
  });
  try {
    const isReached = (queries: string[]) => queries.length === expected;
    await Promise.race([poll(`${expected} waiting statements`, waiting, isReached), ...ended]);
  } finally {
    await client.end();
  }
}
