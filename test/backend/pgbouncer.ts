import { rmSync } from 'node:fs';
import { access, chmod, chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { Daemon, findAccount, getStablePort, type Account } from './daemon.js';
import { probe } from './postgres.js';

export interface PgbouncerOptions {
  /** The server that it pools. Every database of that server can be reached. */
  postgresUrl: string;
  poolMode: 'session' | 'transaction' | 'statement';
  /** Of `pgbouncer.ini`, such as `default_pool_size`; else PgBouncer's own defaults. */
  settings?: Record<string, string | number>;
}

export interface Pgbouncer {
  /** What takes the place of `postgresUrl`. It stays the same across restarts. */
  url: string;
  /** Of PgBouncer's console, for statements such as `show pools`. */
  consoleUrl: string;
  /** The end of its log. */
  log(): string;
  /** Drops every connection, and starts again. */
  restart(): Promise<void>;
  /** Ends at once, and stays away until `start()`. */
  kill(): Promise<void>;
  start(): Promise<void>;
  /** Ends it for good. */
  stop(): Promise<void>;
}

/**
 * A PgBouncer of its own for the tests, in front of a PostgreSQL.
 *
 * @returns undefined where PgBouncer is not installed, or must not run (root without a `postgres` account)
 */
export async function startPgbouncer(options: PgbouncerOptions): Promise<Pgbouncer | undefined> {
  const command = await findPgbouncer();
  const account = await findAccount();
  if (!command || !account) return undefined;

  const folder = await mkdtemp(join(tmpdir(), 'pica-connect-pgbouncer-'));
  // Even if the tests end unexpectedly.
  const removeFolder = () => rmSync(folder, { recursive: true, force: true });
  process.once('exit', removeFolder);
  try {
    const port = await getStablePort();
    const configuration = await configure(folder, account, port, options);
    const url = new URL(options.postgresUrl);
    url.port = String(port);
    const console = new URL(url);
    console.pathname = 'pgbouncer';
    const server = new Daemon({
      name: 'PgBouncer',
      command,
      args: [configuration],
      ...{ folder, account },
      // Its console answers while PostgreSQL is away, too.
      probe: () => probe(console.href),
    });
    await server.start();
    return {
      url: url.href,
      consoleUrl: console.href,
      log: () => server.log,
      async restart() {
        await server.end('SIGTERM');
        await server.start();
      },
      kill: () => server.end('SIGKILL'),
      start: () => server.start(),
      async stop() {
        await server.end('SIGTERM');
        process.off('exit', removeFolder);
        await rm(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    removeFolder();
    throw error;
  }
}

/** Debian keeps it where only an administrator's PATH leads. */
export async function findPgbouncer(): Promise<string | undefined> {
  for (const folder of [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin']) {
    const file = join(folder, 'pgbouncer');
    const found = await access(file).then(
      () => file,
      () => undefined,
    );
    if (folder && found) return found;
  }
  return undefined;
}

/** @returns the file that PgBouncer is started with */
async function configure(
  folder: string,
  account: Account,
  port: number,
  { postgresUrl, poolMode, settings = {} }: PgbouncerOptions,
): Promise<string> {
  const { hostname, port: serverPort, username, password } = new URL(postgresUrl);
  const users = join(folder, 'userlist.txt');
  const all = {
    listen_addr: '127.0.0.1',
    listen_port: port,
    unix_socket_dir: '',
    auth_type: 'scram-sha-256',
    auth_file: users,
    admin_users: username,
    pool_mode: poolMode,
    ...settings,
  };
  const files = {
    'pgbouncer.ini': [
      '[databases]',
      `* = host=${hostname} port=${serverPort}`,
      '[pgbouncer]',
      ...Object.entries(all).map(([name, value]) => `${name} = ${value}`),
    ],
    // The password as it is: with a SCRAM secret from another server it could not sign in to this one.
    'userlist.txt': [`"${username}" "${password}"`],
  };
  for (const [name, lines] of Object.entries(files)) {
    const file = join(folder, name);
    await writeFile(file, `${lines.join('\n')}\n`, { mode: 0o600 });
    if (account.uid !== undefined && account.gid !== undefined) {
      await chown(file, account.uid, account.gid);
    }
  }
  await chmod(folder, 0o755);
  return join(folder, 'pgbouncer.ini');
}
