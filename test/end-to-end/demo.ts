import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

/** The demo, as a terminal would run it. */
export class Demo {
  readonly #child: ChildProcess;
  #output = '';
  #onOutput = () => {};

  constructor(environment: Record<string, string>, command = 'npm run --silent demo') {
    const [program = '', ...args] = command.split(' ');
    this.#child = spawn(program, args, {
      // A group of its own, to which a signal can be sent as Ctrl+C sends it: to all in it.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        PICA_SECRET_KEY: '',
        DATABASE_URL: '',
        PORT: '0',
        SANDBOX_PORT: '0',
        FAULTY_PORT: '0',
        ...environment,
      },
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#output += text;
        this.#onOutput();
      });
    }
    this.#child.once('close', () => this.#onOutput());
  }

  /** What it has printed so far. */
  get output(): string {
    return this.#output;
  }

  /** Waits until it has printed something like this, and answers what. */
  async prints(pattern: RegExp): Promise<string> {
    for (;;) {
      const found = pattern.exec(this.#output)?.[0];
      if (found !== undefined) return found;
      if (this.#child.exitCode !== null) {
        throw new Error(`The demo ended without printing ${String(pattern)}:\n${this.#output}`);
      }
      await new Promise<void>((resolve) => (this.#onOutput = resolve));
    }
  }

  /** The page's address, as soon as it is there to be opened. */
  address(): Promise<string> {
    return this.prints(/http:\/\/\S+(?=\s+Ctrl\+C)/);
  }

  /** Waits until it has ended by itself. */
  async exitCode(): Promise<number | null> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      await once(this.#child, 'close');
    }
    return this.#child.exitCode;
  }

  /** Ends it, as Ctrl+C does. */
  async end(): Promise<void> {
    if (this.isRunning) process.kill(-this.#group, 'SIGINT');
    await this.ended();
  }

  /** Waits until every process of it is gone. */
  async ended(): Promise<void> {
    const began = Date.now();
    while (this.isRunning) {
      if (Date.now() - began > 10_000) {
        process.kill(-this.#group, 'SIGKILL');
        throw new Error(`Some of the demo still runs after ten seconds:\n${this.#output}`);
      }
      await setTimeout(50);
    }
  }

  /** Sends a signal to the first process alone, as `kill` does. */
  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Whether any process of it is there, the first one or one that it started. */
  get isRunning(): boolean {
    try {
      return process.kill(-this.#group, 0);
    } catch {
      return false;
    }
  }

  get #group(): number {
    if (this.#child.pid === undefined) throw new Error('The demo could not be started.');
    return this.#child.pid;
  }
}

/** A folder that does not exist yet, and what takes it away again. */
export async function temporaryFolder(): Promise<{ path: string; remove(): Promise<void> }> {
  const parent = await mkdtemp(join(tmpdir(), 'pica-connect-demo-'));
  return {
    path: join(parent, 'data'),
    remove: () => rm(parent, { recursive: true, force: true }),
  };
}
