import { AsyncLocalStorage } from 'node:async_hooks';
import { inspect } from 'node:util';
import { withoutSecrets } from './access.js';

/**
 * `@picahq/authkit-token` 1.0.4 prints axios's whole error when `/v1/users/flags` or a page fails
 * (`console.warn('Failed to fetch user whitelist status…', error)`), and the request in there has the secret key
 * in three places: `config.headers`, the raw header text, and the socket's copy of it. The package offers no
 * logger and no way to switch it off.
 *
 * So what is printed *while the package works*, and by nothing else, is reduced to text and has the key taken out.
 * `AsyncLocalStorage` tells its calls from all others, also when several run at the same time.
 */
const secretInUse = new AsyncLocalStorage<string>();

type Print = (...values: unknown[]) => void;

const methods = ['debug', 'error', 'info', 'log', 'trace', 'warn'] as const;

const guarded = new WeakSet<Print>();

/** Runs a task that may log; whatever it logs is free of the secret. */
export function withSecretFreeConsole<Result>(
  secret: string,
  task: () => Promise<Result>,
): Promise<Result> {
  // Each time, since somebody may have replaced a method of the console after the last one.
  const prints: Record<(typeof methods)[number], Print> = console;
  for (const method of methods) {
    if (!guarded.has(prints[method])) prints[method] = guard(prints[method]);
  }
  return secretInUse.run(secret, task);
}

function guard(print: Print): Print {
  const guardedPrint: Print = (...values) => {
    const secret = secretInUse.getStore();
    if (secret === undefined) print.apply(console, values);
    else print.call(console, withoutSecrets(values.map(describe).join(' '), [secret]));
  };
  guarded.add(guardedPrint);
  return guardedPrint;
}

/** An error as its one line: the objects that hang on it are where the key is. */
function describe(value: unknown): string {
  return typeof value === 'string' || value instanceof Error ? String(value) : inspect(value);
}
