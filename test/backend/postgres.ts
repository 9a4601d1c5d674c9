import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { access, chmod, chown, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { Daemon, findAccount, getStablePort, type Account } from './daemon.js';
import { connectTo } from './test-database.js';

const run = promisify(execFile);

export interface Postgres {
  /** The URL of an administrator, who may create databases. It stays the same across restarts. */
  url: string;
  /** Ends the connections of clients, and starts again with the same data. */
  restart(): Promise<void>;
  /** Ends it at once, as in a crash. It stays down until `start()`, which recovers the data. */
  kill(): Promise<void>;
  start(): Promise<void>;
  /** Ends it for good and deletes its data. */
  stop(): Promise<void>;
}

/**
 * Starts a temporary PostgreSQL server that only this machine can reach. Its folder is deleted when it stops.
 *
 * @param settings for `postgresql.conf`, in addition to those that all tests need
 * @returns undefined if PostgreSQL is not installed, or can't run because we are root and there is no `postgres` account
 */
export async function startPostgres(
  settings: Record<string, string> = {},
): Promise<Postgres | undefined> {
  const binaries = await findBinaries();
  const account = await findAccount();
  if (!binaries || !account) return undefined;

  const folder = await mkdtemp(join(tmpdir(), 'pica-connect-postgres-'));
  // Delete the folder even if the tests end unexpectedly.
  const removeFolder = () => rmSync(folder, { recursive: true, force: true });
  process.once('exit', removeFolder);
  try {
    const password = await createCluster(binaries, folder, account);
    const port = await getStablePort();
    const url = `postgres://postgres:${password}@127.0.0.1:${port}/postgres`;
    const all = {
      listen_addresses: '127.0.0.1',
      // No socket file, because its folder may not exist, or we may not be allowed to write to it.
      unix_socket_directories: '',
      fsync: 'off',
      max_connections: '100',
      ...settings,
    };
    const server = new Daemon({
      name: 'PostgreSQL',
      command: join(binaries, 'postgres'),
      args: [
        ...['-D', join(folder, 'data'), '-p', String(port)],
        ...Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
      ],
      ...{ folder, account },
      probe: () => probe(url),
    });
    await server.start();
    return {
      url,
      async restart() {
        await server.end('SIGINT');
        await server.start();
      },
      kill: () => server.end('SIGQUIT'),
      start: () => server.start(),
      async stop() {
        // SIGINT ends the connections of clients instead of waiting for them.
        await server.end('SIGINT');
        process.off('exit', removeFolder);
        await rm(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    removeFolder();
    throw error;
  }
}

/** Rejects if no client can connect. */
export async function probe(url: string): Promise<void> {
  const client = await connectTo(url);
  await client.end();
}

/** Looks outside the PATH first: Debian installs `initdb` and `postgres` in a folder for each version. */
async function findBinaries(): Promise<string | undefined> {
  const debian = '/usr/lib/postgresql';
  const versions = await readdir(debian).catch(() => []);
  const newestFirst = versions.sort((a, b) => Number(b) - Number(a));
  const folders = newestFirst.map((version) => join(debian, version, 'bin'));
  const { stdout } = await run('pg_config', ['--bindir']).catch(() => ({ stdout: '' }));
  if (stdout) folders.push(stdout.trim());
  folders.push(...(process.env.PATH ?? '').split(delimiter));
  for (const folder of folders) {
    const found = [join(folder, 'initdb'), join(folder, 'postgres')].map((file) => access(file));
    if (folder && (await Promise.allSettled(found)).every(({ status }) => status === 'fulfilled')) {
      return folder;
    }
  }
  return undefined;
}

/** @returns the administrator's password. The server checks it, so that tests can send a wrong one. */
async function createCluster(binaries: string, folder: string, account: Account): Promise<string> {
  const password = randomBytes(16).toString('hex');
  const passwordFile = join(folder, 'password');
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (account.uid !== undefined && account.gid !== undefined) {
    await chown(folder, account.uid, account.gid);
    await chown(passwordFile, account.uid, account.gid);
  }
  await chmod(folder, 0o700);
  await run(
    join(binaries, 'initdb'),
    [
      ...['--pgdata', join(folder, 'data'), '--username', 'postgres', '--pwfile', passwordFile],
      ...['--auth', 'scram-sha-256', '--encoding', 'UTF8', '--locale', 'C', '--no-sync'],
    ],
    { ...account, cwd: folder },
  );
  return password;
}
