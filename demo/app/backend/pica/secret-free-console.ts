import { AsyncLocalStorage } from 'node:async_hooks';
import { inspect } from 'node:util';
import { withoutSecrets } from './access.js';

/**
 * `@picahq/authkit-token` 1.0.4 prints axios's whole error when `/v1/users/flags` or a page fails
 * (`console.warn('Failed to fetch user whitelist status…', error)`). The request in it contains the secret key three
 * times: in `config.headers`, in the raw header text, and in the socket's copy of it. The package has no option for a
 * logger, and its output can't be switched off.
 *
 * So whatever the package prints is reduced to text without the key. `AsyncLocalStorage` tells its calls from those of
 * all other code, even if several run at the same time.
 */
const secretInUse = new AsyncLocalStorage<string>();

type Print = (...values: unknown[]) => void;

const methods = ['debug', 'error', 'info', 'log', 'trace', 'warn'] as const;

const guardedMethods = new WeakSet<Print>();

/** Runs a task and removes the secret from everything that it prints. */
export function withSecretFreeConsole<Result>(
  secret: string,
  task: () => Promise<Result>,
): Promise<Result> {
  // At every call, because other code may have replaced a console method in the meantime.
  const prints: Record<(typeof methods)[number], Print> = console;
  for (const method of methods) {
    if (!guardedMethods.has(prints[method])) prints[method] = guard(prints[method]);
  }
  return secretInUse.run(secret, task);
}

function guard(print: Print): Print {
  const guardedPrint: Print = (...values) => {
    const secret = secretInUse.getStore();
    if (secret === undefined) print.apply(console, values);
    else print.call(console, withoutSecrets(values.map(describe).join(' '), [secret]));
  };
  guardedMethods.add(guardedPrint);
  return guardedPrint;
}

/** Reduces an error to its message, because the objects attached to it contain the key. */
function describe(value: unknown): string {
  return typeof value === 'string' || value instanceof Error ? String(value) : inspect(value);
}
