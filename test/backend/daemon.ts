import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import getPort, { portNumbers } from 'get-port';
import { guard } from './hang-guard.js';

const run = promisify(execFile);

/** The account that a server runs as. Empty: the account of this process. */
export interface Account {
  uid?: number;
  gid?: number;
}

export interface DaemonOptions {
  name: string;
  command: string;
  args: string[];
  folder: string;
  account: Account;
  /** Rejects while the server cannot be used. */
  probe: () => Promise<void>;
}

/** A third-party server that a test can stop and start again. */
export class Daemon {
  readonly #options: DaemonOptions;
  #child: ChildProcess | undefined;
  /** The end of its standard error since the last start. */
  log = '';

  constructor(options: DaemonOptions) {
    this.#options = options;
  }

  /** Resolves when it can be used. */
  async start(): Promise<void> {
    const { name, command, args, folder, account, probe } = this.#options;
    const child = spawn(command, args, {
      ...account,
      cwd: folder,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#child = child;
    process.once('exit', this.#endWithUs);
    this.log = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.log = (this.log + text).slice(-8000);
    });
    const deadline = Date.now() + 60_000;
    while (Date.now() < deadline && isRunning(child)) {
      try {
        await probe();
        return;
      } catch {
        await delay(50);
      }
    }
    await this.end('SIGKILL');
    throw new Error(`${name} did not start:\n${this.log}`);
  }

  /** Resolves when it has ended. */
  async end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (!child) return;
    this.#child = undefined;
    process.off('exit', this.#endWithUs);
    if (!isRunning(child)) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await guard(`${this.#options.name} to end after ${signal}`, exited, () => this.log);
  }

  readonly #endWithUs = () => void this.#child?.kill('SIGQUIT');
}

const isRunning = (child: ChildProcess): boolean =>
  child.exitCode === null && child.signalCode === null;

/** PostgreSQL and PgBouncer refuse to run as root. Debian's packages create an account for them. */
export async function findAccount(): Promise<Account | undefined> {
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

/**
 * Returns a port for a server that restarts on it. It's below 32768, because Linux assigns higher ports to outgoing
 * connections: a client that reconnects could take the server's port while the server is down.
 */
export function getStablePort(): Promise<number> {
  const first = 10_000 + Math.floor(Math.random() * 20_000);
  return getPort({ host: '127.0.0.1', port: portNumbers(first, 32_000) });
}
