import { rmSync } from 'node:fs';
import { access, chmod, chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { Daemon, findAccount, getStablePort, type Account } from './daemon.js';
import { probe } from './postgres.js';

export interface PgbouncerOptions {
  /** The server behind it. Every database of that server can be reached. */
  postgresUrl: string;
  poolMode: 'session' | 'transaction' | 'statement';
  /** Settings for `pgbouncer.ini`, such as `default_pool_size`. All others have PgBouncer's defaults. */
  settings?: Record<string, string | number>;
}

export interface Pgbouncer {
  /** Replaces `postgresUrl`. It stays the same across restarts. */
  url: string;
  /** The URL of PgBouncer's console, for statements such as `show pools`. */
  consoleUrl: string;
  /** The end of its log. */
  log(): string;
  /** Drops every connection, and starts again. */
  restart(): Promise<void>;
  /** Kills it. It stays down until `start()`. */
  kill(): Promise<void>;
  start(): Promise<void>;
  /** Ends it for good. */
  stop(): Promise<void>;
}

/**
 * Starts a temporary PgBouncer in front of a PostgreSQL server.
 *
 * @returns undefined if PgBouncer is not installed, or can't run because we are root and there is no `postgres` account
 */
export async function startPgbouncer(options: PgbouncerOptions): Promise<Pgbouncer | undefined> {
  const command = await findPgbouncer();
  const account = await findAccount();
  if (!command || !account) return undefined;

  const folder = await mkdtemp(join(tmpdir(), 'pica-connect-pgbouncer-'));
  // Delete the folder even if the tests end unexpectedly.
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
      // PgBouncer's console also answers while PostgreSQL is down.
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

/** Also looks in `/usr/sbin`: Debian installs it there, and only administrators have that folder in their PATH. */
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

/** @returns the path of the configuration file */
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
    // In plain text, because a SCRAM secret works only for the server that it comes from.
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
