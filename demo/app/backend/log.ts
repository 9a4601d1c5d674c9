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

/** The request that is being answered: what it sets off, a repair for one, carries its id in the log too. */
const current = new AsyncLocalStorage<{ requestId: string }>();

/**
 * A line of JSON for each thing that happened, on standard output.
 *
 * Keys are taken out of the finished lines, and not of what is logged: so it does not matter what somebody logs.
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

/** Without what else hangs on an error: requests, headers, rows. */
function describeError(error: unknown) {
  if (!(error instanceof Error)) return { message: String(error) };
  const { name, message } = error;
  // Where something foreseen was thrown is of no interest.
  const stack = error instanceof HTTPException ? undefined : error.stack;
  return { name, message, stack, code: 'code' in error ? error.code : undefined };
}

/** Gives each request an id, the caller's own where it is a sane one, and says so in the answer. */
export const requestIds = requestId({ limitLength: 128 });

/** The pattern of the route that answers, and not the path, which has connection keys in it. */
export const routeOf = (context: Context): string | undefined =>
  matchedRoutes(context).findLast(({ path }) => !path.endsWith('*'))?.path;

/** One line for each request. */
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
