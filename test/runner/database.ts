import { readFileSync } from 'node:fs';
import pg from 'pg';
import { startPostgres } from '../backend/postgres.js';

export interface Database {
  url: string;
  version: string;
  stop: () => Promise<void>;
}

/** A PostgreSQL server for the tests, if this machine has one. */
export const startDatabase = async (): Promise<Database | undefined> => {
  const server = await startPostgres();
  if (!server) return undefined;
  const stop = () => server.stop();
  const client = new pg.Client(server.url);
  try {
    await client.connect();
    const { rows } = await client.query<{ server_version: string }>('show server_version');
    const version = `PostgreSQL ${rows[0]?.server_version.split(' ')[0] ?? ''}`.trim();
    return { url: server.url, version, stop };
  } catch (error) {
    await stop();
    throw error;
  } finally {
    await client.end();
  }
};

export const pgliteVersion = (): string => {
  // The package doesn't export this file, so it can't be imported.
  const file = new URL('../../node_modules/@electric-sql/pglite/package.json', import.meta.url);
  const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version: string };
  return `PGlite ${version}`;
};
