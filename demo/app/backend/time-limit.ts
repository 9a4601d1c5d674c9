import { createMiddleware } from 'hono/factory';
import { abortError } from './abort-error.js';
import { Problem } from './problem.js';

/**
 * Runs a task with a signal that is aborted when its time is up, or when one of the given signals is.
 *
 * Don't combine AbortSignal.timeout() with AbortSignal.any() instead: in Node 20, a timeout that only `any` refers to
 * may be garbage-collected, and then never fires.
 *
 * @param overdue the signal's reason when the time is up
 * @param signals their reasons are passed on, as errors, because only errors reach Hono's error handler
 */
export async function withTimeLimit<Result>(
  timeoutMs: number,
  overdue: Error,
  signals: readonly (AbortSignal | undefined)[],
  task: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(overdue), timeoutMs);
  const listening = new AbortController();
  for (const signal of signals) {
    if (!signal) continue;
    const onAbort = () => controller.abort(abortError(signal));
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { signal: listening.signal });
  }
  try {
    return await task(controller.signal);
  } finally {
    clearTimeout(timer);
    listening.abort();
  }
}

/** Waits for the promise, but only until the signal is aborted. The work behind the promise goes on. */
export function orAborted<Result>(promise: Promise<Result>, signal: AbortSignal): Promise<Result> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(abortError(signal));
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    void promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

export interface LimitedEnvironment {
  Variables: {
    /** Aborted when the client disconnects, or when the request's time is up. */
    signal: AbortSignal;
  };
}

/** How long a request may take to stop after its time is up. */
const graceMs = 5000;

/**
 * Limits the time of every request, whatever Pica and the database do. When the time is up, the request cancels its work
 * there. Five seconds later, it is answered in any case.
 *
 * Work that must not stop halfway ignores the signal.
 */
export const limitTime = (timeoutMs: number) =>
  createMiddleware<LimitedEnvironment>((context, next) =>
    withTimeLimit(timeoutMs, tooSlow(timeoutMs), [context.req.raw.signal], async (signal) => {
      context.set('signal', signal);
      let timer: NodeJS.Timeout | undefined;
      const overdue = new Promise<never>((_resolve, reject) => {
        timer = setTimeout(() => reject(tooSlow(timeoutMs)), timeoutMs + graceMs);
      });
      try {
        await Promise.race([next(), overdue]);
      } finally {
        clearTimeout(timer);
      }
    }),
  );

const tooSlow = (timeoutMs: number) =>
  new Problem(
    504,
    'too-slow',
    `The host needed more than ${timeoutMs / 1000} s.`,
    'Try again in a few seconds.',
    5,
  );
