import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { access, chmod, chown, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import getPort from 'get-port';
import pg from 'pg';

const run = promisify(execFile);

export interface Postgres {
  /** Of an administrator, who may create databases. */
  url: string;
  stop(): Promise<void>;
}

/** Who PostgreSQL runs as. Empty: as we do. */
interface Account {
  uid?: number;
  gid?: number;
}

/**
 * A PostgreSQL server of its own for the tests, on this machine only, in a folder that goes away with it.
 *
 * @returns undefined where PostgreSQL is not installed, or must not run (root without a `postgres` account)
 */
export async function startPostgres(): Promise<Postgres | undefined> {
  const binaries = await findBinaries();
  const account = await findAccount();
  if (!binaries || !account) return undefined;

  const folder = await mkdtemp(join(tmpdir(), 'pica-connect-postgres-'));
  // Also when the tests end in a way that nobody foresaw.
  const removeFolder = () => rmSync(folder, { recursive: true, force: true });
  process.once('exit', removeFolder);
  try {
    const password = await createCluster(binaries, folder, account);
    const port = await getPort({ host: '127.0.0.1' });
    const server = runServer(binaries, folder, port, account);
    const url = `postgres://postgres:${password}@127.0.0.1:${port}/postgres`;
    const stop = async () => {
      await end(server);
      process.off('exit', removeFolder);
      await rm(folder, { recursive: true, force: true });
    };
    await untilReady(url, server).catch(async (error: unknown) => {
      await stop();
      throw error;
    });
    return { url, stop };
  } catch (error) {
    removeFolder();
    throw error;
  }
}

/** Debian keeps `initdb` and `postgres` off the PATH, one folder a version. */
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

/** PostgreSQL refuses to run as root; its package brings an account. */
async function findAccount(): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return {};
  try {
    const [uid, gid] = await Promise.all([
      run('id', ['-u', 'postgres']),
      run('id', ['-g', 'postgres']),
    ]);
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  } catch {
    return undefined;
  }
}

/** @returns the administrator's password, asked for over TCP, so that the tests can give a wrong one */
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

function runServer(binaries: string, folder: string, port: number, account: Account): ChildProcess {
  const settings = [
    'listen_addresses=127.0.0.1',
    // No socket file: the folder for it may not exist, or not be ours.
    'unix_socket_directories=',
    'fsync=off',
    'max_connections=100',
  ].flatMap((setting) => ['-c', setting]);
  const server = spawn(
    join(binaries, 'postgres'),
    ['-D', join(folder, 'data'), '-p', String(port), ...settings],
    { ...account, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  process.once('exit', () => server.kill('SIGQUIT'));
  return server;
}

async function untilReady(url: string, server: ChildProcess): Promise<void> {
  let log = '';
  server.stderr
    ?.setEncoding('utf8')
    .on('data', (text: string) => (log = (log + text).slice(-4000)));
  const deadline = Date.now() + 60_000;
  while (Date.now() < deadline && server.exitCode === null) {
    const client = new pg.Client({ connectionString: url });
    try {
      await client.connect();
      await client.end();
      return;
    } catch {
      await delay(100);
    }
  }
  throw new Error(`PostgreSQL did not start:\n${log}`);
}

async function end(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const exited = once(server, 'exit');
  // "Fast": ends the clients' connections instead of waiting for them.
  server.kill('SIGINT');
  await exited;
}
