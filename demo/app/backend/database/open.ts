import { PGlite } from '@electric-sql/pglite';
import { Kysely, PGliteDialect } from 'kysely';
import type { Log } from '../log.js';
import { StartError } from '../start-error.js';
import { defaultLimits, type DatabaseLimits } from './limits.js';
import { migrate } from './migrate.js';
import { openFolder } from './open-folder.js';
import { openServer } from './open-server.js';
import type { Schema } from './schema.js';
import { serverUrlExample } from './server-url.js';

export interface PoolCounts {
  max: number;
  total: number;
  idle: number;
  /** Transactions that wait for a connection. */
  waiting: number;
}

export interface OpenDatabase {
  database: Kysely<Schema>;
  /** For health checks and metrics. On a server, it has a connection that no request uses. */
  monitoring: Kysely<Schema>;
  /** Only for a server. */
  poolCounts?: () => PoolCounts;
  /** Only for the embedded database. */
  folder?: string;
  close(): Promise<void>;
}

/**
 * Opens a database and brings its tables up to date.
 *
 * @param location a folder, a `postgres://` URL, or `memory://`
 * @param limits for a server
 * @throws StartError saying what to change
 */
export function openDatabase(
  location: string,
  log: Log,
  limits: DatabaseLimits = defaultLimits,
): Promise<OpenDatabase> {
  if (location === 'memory://') return openMemory(log);
  if (/^postgres(ql)?:/i.test(location)) return openServer(location, log, limits);
  // Looks like a server's URL. Without this check, we would create a folder called "mysql:".
  if (/^\w[\w+.-]+:\/\/|@|^[\w.-]+:\d+(\/|$)/.test(location)) {
    throw new StartError(
      `DATABASE_URL is neither a PostgreSQL URL nor a folder. Write it like ${serverUrlExample}.`,
    );
  }
  if (location.trim() === '') {
    throw new StartError(
      `No database is set. Set DATA_FOLDER to a folder, or DATABASE_URL to something like ${serverUrlExample}.`,
    );
  }
  return openFolder(location, log);
}

async function openMemory(log: Log): Promise<OpenDatabase> {
  const database = new Kysely<Schema>({
    dialect: new PGliteDialect({ pglite: () => PGlite.create('memory://') }),
  });
  await migrate(database, log);
  return { database, monitoring: database, close: () => database.destroy() };
}
