import { Problem } from '../problem.js';
import { StartError } from '../start-error.js';
import { ConnectionFailed } from './failures.js';

export const serverUrlExample = 'postgres://user:password@localhost:5432/database';

/** The environment variable that a URL came from. */
export type UrlVariable = 'DATABASE_URL' | 'MIGRATION_DATABASE_URL';

/** @throws StartError that doesn't contain the URL, as Node's own error does: it has the password */
export function parseServerUrl(url: string, variable: UrlVariable): URL {
  const malformed = new StartError(
    `${variable} is not a PostgreSQL URL. Write it like ${serverUrlExample}; ` +
      'in the password "@" becomes %40, "/" %2F, "#" %23, "?" %3F and "%" %25.',
  );
  let parsed: URL;
  try {
    parsed = new URL(url);
    decodeURIComponent(parsed.password);
  } catch {
    throw malformed;
  }
  // "#", "?" or "/" in a password ends the URL's host early. Error messages would show the rest as host or path.
  const afterHost = parsed.pathname + parsed.search + parsed.hash;
  if (afterHost.includes('@') || parsed.hash !== '') throw malformed;
  if (!/^postgres(ql)?:\/\//i.test(url)) throw malformed;
  return parsed;
}

/** Codes: https://www.postgresql.org/docs/current/errcodes-appendix.html, and Node's own. */
export function toStartError(error: unknown, server: URL, variable: UrlVariable): StartError {
  if (error instanceof StartError) return error;
  if ((error instanceof Problem || error instanceof ConnectionFailed) && error.cause) {
    return toStartError(error.cause, server, variable);
  }
  return new StartError(`${variable}: ${describeFailure(error, server, variable)}`);
}

function describeFailure(error: unknown, server: URL, variable: UrlVariable): string {
  const { code, message } = error as { code?: string; message: string };
  const at = `${server.hostname || 'the local socket'}:${server.port || '5432'}`;
  const name = decodeURIComponent(server.pathname.slice(1)) || server.username;
  const withoutServer = 'or leave DATABASE_URL out to use the embedded database';
  switch (code) {
    case 'ECONNREFUSED':
    case 'ENOENT':
      return `nothing answers at ${at}. Start PostgreSQL there, correct host and port, ${withoutServer}.`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `there is no host "${server.hostname}". Correct the name, ${withoutServer}.`;
    case '28P01':
    case '28000':
      return `the server at ${at} refuses the user "${server.username}". Correct user and password, or allow the user in the server's pg_hba.conf. It says: ${message}`;
    case '3D000':
      return `the server at ${at} has no database "${name}". Create it (createdb ${name}), or name another.`;
    case '08P01':
      // PgBouncer's code for everything that it refuses.
      return message.includes('statement pooling')
        ? `the pooler at ${at} does not allow what the backend needs. PgBouncer has to be in session or transaction mode: in statement mode there are no transactions. It says: ${message}`
        : `the pooler at ${at} cannot use PostgreSQL, or does not take the backend's connection. It says: ${message}`;
    case '25006':
      return `the database "${name}" at ${at} is read-only, and needs a migration. Name the primary server.`;
    case '42501':
      return `the user "${server.username}" may not create tables in "${name}". Grant it (GRANT CREATE ON SCHEMA public), name another user, or migrate as one who may: MIGRATION_DATABASE_URL=… npm run migrate.`;
    case '42P07':
      return `the database "${name}" has tables of the same names already. Name a database of its own. It says: ${message}`;
    case undefined:
    default:
      return `the database "${name}" at ${at} cannot be used: ${message || code}. Correct ${variable}, ${withoutServer}.`;
  }
}
