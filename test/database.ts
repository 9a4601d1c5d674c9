import pg from 'pg';

export interface Database {
  url: string;
  version: string;
  stop(): Promise<void>;
}

/** A PostgreSQL server for the tests, if this machine has one. */
export const startDatabase = async (): Promise<Database | undefined> => {
  const module = './backend/postgres.js';
  const { startPostgres } = (await import(module)) as {
    startPostgres(): Promise<Omit<Database, 'version'> | undefined>;
  };
  const server = await startPostgres();
  if (!server) return undefined;
  const client = new pg.Client(server.url);
  try {
    await client.connect();
    const { rows } = await client.query<{ server_version: string }>('show server_version');
    const version = `PostgreSQL ${rows[0]?.server_version.split(' ')[0] ?? ''}`;
    return { url: server.url, version, stop: () => server.stop() };
  } catch (error) {
    await server.stop();
    throw error;
  } finally {
    await client.end();
  }
};
