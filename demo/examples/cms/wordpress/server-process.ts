import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';

/** How long a server may take until it answers, in milliseconds: it has a busy machine to itself at times. */
const patience = 60_000;

/** A server that runs beside this process, and ends with it. */
export class ServerProcess {
  readonly #child: ChildProcess;
  /** The end of what it printed, for when it does not start. */
  #log = '';

  constructor(command: string, args: string[], cwd: string, environment: NodeJS.ProcessEnv = {}) {
    this.#child = spawn(command, args, {
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...environment },
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#log = (this.#log + text).slice(-4000);
      });
    }
    this.#child.once('error', (error) => (this.#log += error.message));
    process.once('exit', this.#kill);
  }

  /** Waits until it answers. */
  async until(isAnswering: () => Promise<unknown>): Promise<void> {
    const end = Date.now() + patience;
    for (;;) {
      try {
        await isAnswering();
        return;
      } catch (cause) {
        if (this.#hasEnded || Date.now() > end) {
          throw new Error(`${this.#child.spawnfile} does not answer:\n${this.#log}`, { cause });
        }
        await delay(100);
      }
    }
  }

  async end(): Promise<void> {
    process.off('exit', this.#kill);
    if (this.#hasEnded) return;
    const ended = once(this.#child, 'close');
    this.#child.kill('SIGTERM');
    await ended;
  }

  readonly #kill = (): void => {
    this.#child.kill('SIGKILL');
  };

  get #hasEnded(): boolean {
    const { exitCode, signalCode, pid } = this.#child;
    return exitCode !== null || signalCode !== null || pid === undefined;
  }
}
