import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';

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

/** Runs one statement, as the administrator unless it is for another database. */
export async function administrate(statement: string, url = adminUrl): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

/** Waits until this many statements wait for a lock. */
export async function waitForBlockedStatements(url: string, expected: number): Promise<void> {
  // A client of its own, because pg_stat_activity does not change within a transaction.
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    for (;;) {
      const { rows } = await client.query<{ waiting: number }>(
        `select count(*)::int as waiting from pg_stat_activity
         where datname = current_database() and wait_event_type = 'Lock'`,
      );
      if (rows[0]?.waiting === expected) return;
      await delay(20);
    }
  } finally {
    await client.end();
  }
}
