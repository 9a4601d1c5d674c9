import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';

/** Long, because a busy machine starts servers slowly. */
const startTimeoutMs = 60_000;

/** A server in a child process, which ends with this process. */
export class ServerProcess {
  readonly #child: ChildProcess;
  /** The last lines that it printed, for the error message if it does not start. */
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

  /** Waits until `check` no longer rejects. */
  async waitUntil(check: () => Promise<unknown>): Promise<void> {
    const deadline = Date.now() + startTimeoutMs;
    for (;;) {
      try {
        await check();
        return;
      } catch (cause) {
        if (this.#hasEnded || Date.now() > deadline) {
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
