import { Kysely } from 'kysely';
import pg from 'pg';
import type { Log } from '../log.js';
import { defaultLimits, type DatabaseLimits } from './limits.js';
import { isMigrated, migrate } from './migrate.js';
import type { OpenDatabase } from './open.js';
import type { Schema } from './schema.js';
import { ServerDialect } from './server-driver.js';
import { toStartError, parseServerUrl, type UrlVariable } from './server-url.js';

/**
 * A migration may change every row, so statements may take long. Waiting for a lock must be short: all others queue
 * behind.
 */
const migrationLimits: DatabaseLimits = {
  ...defaultLimits,
  poolSize: 1,
  statementTimeoutMs: 30 * 60_000,
  lockTimeoutMs: 2000,
};

/** A real PostgreSQL server. */
export async function openServer(
  url: string,
  log: Log,
  limits: DatabaseLimits,
): Promise<OpenDatabase> {
  const server = parseServerUrl(url, 'DATABASE_URL');
  const pool = openPool(url, log, limits);
  const database = onPool(pool, limits);
  try {
    if (!(await isMigrated(database))) await migrateServer(url, log);
  } catch (error) {
    await database.destroy();
    throw toStartError(error, server, 'DATABASE_URL');
  }
  const alone = { ...limits, poolSize: 1 };
  const monitoring = onPool(openPool(url, log, alone), alone);
  const poolCounts = () => ({
    max: pool.options.max,
    total: pool.totalCount,
    idle: pool.idleCount,
    waiting: pool.waitingCount,
  });
  const close = async () => {
    await Promise.all([database.destroy(), monitoring.destroy()]);
  };
  return { database, monitoring, poolCounts, close };
}

/**
 * Brings a server's tables up to date.
 *
 * @param maxWaitMs how long to wait for another migrating process, or anything else that locks the tables
 * @throws StartError saying what to change
 */
export async function migrateServer(
  url: string,
  log: Log,
  variable: UrlVariable = 'DATABASE_URL',
  maxWaitMs?: number,
): Promise<void> {
  const server = parseServerUrl(url, variable);
  const database = onPool(openPool(url, log, migrationLimits), migrationLimits);
  try {
    await migrate(database, log, maxWaitMs);
  } catch (error) {
    throw toStartError(error, server, variable);
  } finally {
    await database.destroy();
  }
}

function openPool(url: string, log: Log, limits: DatabaseLimits): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max: limits.poolSize,
    connectionTimeoutMillis: limits.connectTimeoutMs,
  });
  // A server that restarts ends its connections. Without a listener, each of these errors would end this process.
  pool.on('connect', (client) => {
    client.on('error', (error) => log.warn({ err: error }, 'PostgreSQL ended a connection'));
  });
  // From idle connections. The listener above has logged it already.
  pool.on('error', () => undefined);
  return pool;
}

const onPool = (pool: pg.Pool, limits: DatabaseLimits) =>
  new Kysely<Schema>({ dialect: new ServerDialect(pool, limits) });
