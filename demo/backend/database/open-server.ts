import { Kysely } from 'kysely';
import pg from 'pg';
import type { Log } from '../log.js';
import { StartError } from '../start-error.js';
import { ConnectionFailed } from './failures.js';
import { migrate } from './migrations.js';
import type { OpenDatabase } from './open.js';
import type { Schema } from './schema.js';
import { ServerDialect, type TimeLimits } from './server-driver.js';

export const serverUrlExample = 'postgres://user:password@localhost:5432/database';

const withoutServer = 'or leave DATABASE_URL out to use the embedded database';

const limits: TimeLimits = {
  statementTimeoutMs: 10_000,
  lockTimeoutMs: 5000,
  idleInTransactionTimeoutMs: 10_000,
};

/** A real PostgreSQL server. */
export async function openServer(url: string, log: Log): Promise<OpenDatabase> {
  const server = parse(url);
  const pool = new pg.Pool({ connectionString: url, connectionTimeoutMillis: 5000 });
  // A server that restarts ends its connections. Unheard, each of these events would end this process too.
  pool.on('connect', (client) => {
    client.on('error', (error) => log.warn({ err: error }, 'PostgreSQL ended a connection'));
  });
  // Of an idle connection, and the event above has told.
  pool.on('error', () => undefined);
  const database = new Kysely<Schema>({ dialect: new ServerDialect(pool, limits) });
  try {
    await migrate(database);
  } catch (error) {
    await database.destroy();
    throw new StartError(explain(error instanceof ConnectionFailed ? error.cause : error, server));
  }
  return { database, close: () => database.destroy() };
}

/** @throws StartError, without the URL in it: Node's own error repeats it, and the password is in there */
function parse(url: string): URL {
  const malformed = new StartError(
    `DATABASE_URL is not a PostgreSQL URL. Write it like ${serverUrlExample}; ` +
      'in the password "@" becomes %40, "/" %2F, "#" %23, "?" %3F and "%" %25.',
  );
  let parsed: URL;
  try {
    parsed = new URL(url);
    decodeURIComponent(parsed.password);
  } catch {
    throw malformed;
  }
  // "#", "?" or "/" in a password ends the host part early, and the rest of it would be shown as host or path.
  const afterHost = parsed.pathname + parsed.search + parsed.hash;
  if (afterHost.includes('@') || parsed.hash !== '') throw malformed;
  if (!/^postgres(ql)?:\/\//i.test(url)) throw malformed;
  return parsed;
}

/** https://www.postgresql.org/docs/current/errcodes-appendix.html, and Node's own codes. */
function explain(error: unknown, server: URL): string {
  const { code, message } = error as { code?: string; message: string };
  const at = `${server.hostname || 'the local socket'}:${server.port || '5432'}`;
  const name = decodeURIComponent(server.pathname.slice(1)) || server.username;
  switch (code) {
    case 'ECONNREFUSED':
    case 'ENOENT':
      return `DATABASE_URL: nothing answers at ${at}. Start PostgreSQL there, correct host and port, ${withoutServer}.`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `DATABASE_URL: there is no host "${server.hostname}". Correct the name, ${withoutServer}.`;
    case '28P01':
    case '28000':
      return `DATABASE_URL: the server at ${at} refuses the user "${server.username}". Correct user and password, or allow the user in the server's pg_hba.conf. It says: ${message}`;
    case '3D000':
      return `DATABASE_URL: the server at ${at} has no database "${name}". Create it (createdb ${name}), or name another.`;
    case '42501':
      return `DATABASE_URL: the user "${server.username}" may not create tables in "${name}". Grant it (GRANT CREATE ON SCHEMA public), or name another user.`;
    case '42P07':
      return `DATABASE_URL: the database "${name}" has tables of the same names already. Name a database of its own. It says: ${message}`;
    case undefined:
    default:
      return `DATABASE_URL: the database "${name}" at ${at} cannot be used: ${message || code}. Correct DATABASE_URL, ${withoutServer}.`;
  }
}
