import { fork } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { exitOnUncaughtError } from '../../demo/app/backend/uncaught-error.js';
import { createLog } from '../../demo/app/backend/log.js';
import { startBackend, type BackendOptions } from '../../demo/app/backend/server.js';
import { guard } from './hang-guard.js';

/** A backend in a process of its own, whose output can be read and which can be killed. */
export interface BackendProcess {
  origin: string;
  pid: number | undefined;
  /** Standard output and error so far. */
  printed(): string;
  /** Only standard error. The log goes to standard output, so anything here is unexpected. */
  errors(): string;
  /** Waits for a line of the log that matches. */
  logged(pattern: RegExp): Promise<LogLine>;
  /** Sends SIGTERM. It ends at once, unless its options set `drainMs`. */
  terminate(): void;
  /** Waits until it has ended. */
  ended(): Promise<void>;
  /** How it ended, if no test asked it to. */
  unexpectedEnd(): string | undefined;
  /** Stops it until `resume()`, as on a paused machine. */
  pause(): void;
  resume(): void;
  kill(): Promise<void>;
}

export type LogLine = Record<string, unknown>;

type Message = { origin: string } | { error: string };

export async function startBackendProcess(options: BackendOptions): Promise<BackendProcess> {
  const child = fork(fileURLToPath(import.meta.url), [JSON.stringify({ drainMs: 0, ...options })], {
    execArgv: ['--import', 'tsx'],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let printed = '';
  let errors = '';
  let isAskedToEnd = false;
  let unexpectedEnd: string | undefined;
  const askToEnd = (signal: NodeJS.Signals) => {
    isAskedToEnd = true;
    child.kill(signal);
  };
  const news = new EventEmitter();
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
      news.emit('text');
    });
  }
  child.stderr?.on('data', (text: string) => (errors += text));
  child.once('close', (code, signal) => {
    if (isAskedToEnd) return;
    unexpectedEnd = `Process ${child.pid} ended with ${signal ?? code}:\n${printed.slice(-2000)}`;
  });
  const closed = once(child, 'close');
  const ended = closed.then((): [Message] => [{ error: `It ended: ${printed}` }]);
  const started = Promise.race([once(child, 'message') as Promise<[Message]>, ended]);
  const [message] = await guard('a backend process to start', started, () => printed);
  if ('error' in message) throw new Error(message.error);
  return {
    origin: message.origin,
    pid: child.pid,
    printed: () => printed,
    errors: () => errors,
    logged: (pattern) => {
      const hasEnded = closed.then(() => true);
      const find = async (): Promise<LogLine> => {
        for (;;) {
          // The last line may be incomplete.
          const lines = printed.split('\n').slice(0, -1);
          const found = lines.find((line) => pattern.test(line));
          if (found !== undefined) return JSON.parse(found) as LogLine;
          const more = once(news, 'text').then(() => false);
          if (await Promise.race([more, hasEnded])) {
            throw new Error(`It ended without ${String(pattern)}:\n${printed}`);
          }
        }
      };
      return guard(`the log line ${String(pattern)}`, find(), () => printed);
    },
    terminate: () => askToEnd('SIGTERM'),
    ended: async () => {
      await guard('a backend process to end', closed, () => printed);
    },
    unexpectedEnd: () => unexpectedEnd,
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    async kill() {
      askToEnd('SIGKILL');
      await guard('a killed process to end', closed);
    },
  };
}

const [, script, options] = process.argv;
if (script === fileURLToPath(import.meta.url) && options) {
  const parsed = JSON.parse(options) as BackendOptions;
  exitOnUncaughtError(createLog(parsed.logLevel ?? 'info', [parsed.picaSecret]));
  // Lets tests cause an unhandled rejection.
  process.once('SIGUSR2', () => void Promise.reject(new Error(`with ${parsed.picaSecret} in it`)));
  startBackend(parsed).then(
    (backend) => {
      process.on('SIGTERM', () => void backend.close().then(() => process.exit()));
      // Not to outlive a test process that was killed.
      process.once('disconnect', () => process.exit());
      process.send?.({ origin: backend.origin } satisfies Message);
    },
    (error: unknown) => {
      process.send?.({ error: String(error) } satisfies Message);
      process.exitCode = 1;
      process.disconnect();
    },
  );
}
