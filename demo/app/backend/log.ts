import { AsyncLocalStorage } from 'node:async_hooks';
import type { Context } from 'hono';
import { createMiddleware } from 'hono/factory';
import { HTTPException } from 'hono/http-exception';
import { requestId } from 'hono/request-id';
import { matchedRoutes } from 'hono/route';
import { pino, stdTimeFunctions, type Logger } from 'pino';
import { withoutSecrets } from './pica/access.js';

export type Log = Logger;

export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const;

/** The current request, so that lines about work that it starts, such as a repair, have its id too. */
const current = new AsyncLocalStorage<{ requestId: string }>();

/**
 * Creates a log that writes one line of JSON per event to standard output.
 *
 * Secrets are removed from the finished lines, so they stay out of the log whatever is logged.
 */
export function createLog(
  level: (typeof logLevels)[number],
  secrets: readonly string[],
  print = (line: string): void => void process.stdout.write(line),
): Log {
  return pino(
    {
      level,
      base: { pid: process.pid },
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      mixin: () => ({ ...current.getStore() }),
      serializers: { err: describeError },
    },
    { write: (line: string) => print(withoutSecrets(line, secrets)) },
  );
}

/** Leaves out the other properties of an error, because they may contain requests, headers or rows. */
function describeError(error: unknown) {
  if (!(error instanceof Error)) return { message: String(error) };
  const { name, message } = error;
  // Expected errors need no stack.
  const stack = error instanceof HTTPException ? undefined : error.stack;
  return { name, message, stack, code: 'code' in error ? error.code : undefined };
}

/** Gives each request an id and sends it back. A valid `X-Request-Id` of the caller is kept. */
export const requestIds = requestId({ limitLength: 128 });

/** The pattern of the matching route. The path itself contains connection keys, which must not be logged. */
export const routeOf = (context: Context): string | undefined =>
  matchedRoutes(context).findLast(({ path }) => !path.endsWith('*'))?.path;

/** Logs one line per request. */
export const logRequests = (log: Log) =>
  createMiddleware<{ Variables: { requestId: string; user?: string } }>(async (context, next) => {
    const began = performance.now();
    await current.run({ requestId: context.get('requestId') }, next);
    const { method } = context.req;
    const { status } = context.res;
    const line = {
      requestId: context.get('requestId'),
      method,
      route: routeOf(context),
      status,
      user: context.get('user'),
      ms: Math.round(performance.now() - began),
    };
    log[status >= 500 ? 'error' : 'info'](line, 'answered');
  });
