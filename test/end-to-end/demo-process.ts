import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

/** Runs the demo as a terminal does. */
export class DemoProcess {
  readonly #child: ChildProcess;
  #output = '';
  #onOutput = () => {};

  constructor(environment: Record<string, string>, command = 'npm run --silent demo') {
    const [program = '', ...args] = command.split(' ');
    this.#child = spawn(program, args, {
      // A process group of its own, so that a signal reaches all of its processes, as Ctrl+C does.
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

  /** Everything printed so far. */
  get output(): string {
    return this.#output;
  }

  /** Waits until the output matches, and returns the match. */
  async waitForOutput(pattern: RegExp): Promise<string> {
    for (;;) {
      const found = pattern.exec(this.#output)?.[0];
      if (found !== undefined) return found;
      if (this.#child.exitCode !== null) {
        throw new Error(`The demo ended without printing ${String(pattern)}:\n${this.#output}`);
      }
      await new Promise<void>((resolve) => (this.#onOutput = resolve));
    }
  }

  /** Resolves with the page's address once it can be opened. */
  address(): Promise<string> {
    return this.waitForOutput(/http:\/\/\S+(?=\s+Ctrl\+C)/);
  }

  /** Waits until the process exits without being asked to. */
  async exitCode(): Promise<number | null> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      await once(this.#child, 'close');
    }
    return this.#child.exitCode;
  }

  /** Sends SIGINT to all of its processes, as Ctrl+C does, and waits until they have exited. */
  async end(): Promise<void> {
    if (this.isRunning) process.kill(-this.#group, 'SIGINT');
    await this.ended();
  }

  /** Waits until all of its processes have exited. */
  async ended(): Promise<void> {
    const began = Date.now();
    while (this.isRunning) {
      if (Date.now() - began > 10_000) {
        process.kill(-this.#group, 'SIGKILL');
        throw new Error(`Some processes of the demo still run after ten seconds:\n${this.#output}`);
      }
      await setTimeout(50);
    }
  }

  /** Sends a signal to the first process only, as `kill` does. */
  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Whether any of its processes is running. */
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

/** Returns the path of a folder that doesn't exist yet, and a function that deletes it. */
export async function temporaryFolder(): Promise<{ path: string; remove(): Promise<void> }> {
  const parent = await mkdtemp(join(tmpdir(), 'pica-connect-demo-'));
  return {
    path: join(parent, 'data'),
    remove: () => rm(parent, { recursive: true, force: true }),
  };
}
