import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { startBackend, type BackendOptions } from '../../demo/backend/server.js';

/** A backend in a process of its own: what it prints can be read, and it can be killed. */
export interface BackendProcess {
  origin: string;
  pid: number | undefined;
  /** Standard output and error so far. */
  printed(): string;
  kill(): Promise<void>;
}

type Message = { origin: string } | { error: string };

export async function startBackendProcess(options: BackendOptions): Promise<BackendProcess> {
  const child = fork(fileURLToPath(import.meta.url), [JSON.stringify(options)], {
    execArgv: ['--import', 'tsx'],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => (printed += text));
  }
  const ended = once(child, 'close').then((): [Message] => [{ error: `It ended: ${printed}` }]);
  const [message] = await Promise.race([once(child, 'message') as Promise<[Message]>, ended]);
  if ('error' in message) throw new Error(message.error);
  return {
    origin: message.origin,
    pid: child.pid,
    printed: () => printed,
    async kill() {
      const closed = once(child, 'close');
      child.kill('SIGKILL');
      await closed;
    },
  };
}

const [, script, options] = process.argv;
if (script === fileURLToPath(import.meta.url) && options) {
  startBackend(JSON.parse(options) as BackendOptions).then(
    ({ origin }) => process.send?.({ origin } satisfies Message),
    (error: unknown) => {
      process.send?.({ error: String(error) } satisfies Message);
      process.exitCode = 1;
      process.disconnect();
    },
  );
}
