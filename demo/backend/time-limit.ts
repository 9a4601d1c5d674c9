import { createMiddleware } from 'hono/factory';
import { Problem } from './problem.js';

/**
 * Runs a task with a signal that is aborted when its time is up, or when one of the given signals is.
 *
 * Don't combine AbortSignal.timeout() with AbortSignal.any() instead: in Node 20, a timeout that only `any` refers to
 * is garbage, and may never fire.
 *
 * @param overdue why the signal is aborted when the time is up
 * @param signals their reasons become the signal's, as errors: Hono's error handler is given nothing else
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
    const give = () => controller.abort(abortError(signal?.reason));
    if (signal?.aborted) give();
    signal?.addEventListener('abort', give, { signal: listening.signal });
  }
  try {
    return await task(controller.signal);
  } finally {
    clearTimeout(timer);
    listening.abort();
  }
}

/** Waits until the signal is aborted at the longest. What is waited for goes on. */
export function orAborted<Result>(promise: Promise<Result>, signal: AbortSignal): Promise<Result> {
  return new Promise((resolve, reject) => {
    const leave = () => reject(abortError(signal.reason));
    if (signal.aborted) leave();
    signal.addEventListener('abort', leave, { once: true });
    void promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave));
  });
}

function abortError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error('Given up.', { cause: reason });
}

export interface LimitedEnvironment {
  Variables: {
    /** Aborted when the client has gone, or when the request's time is up. */
    signal: AbortSignal;
  };
}

/** How much longer an answer may take after a request's time is up: cancelling takes a moment, too. */
const graceMs = 5000;

/**
 * No request takes longer, whatever Pica and the database do: when its time is up, it gives up what it does there, and
 * five seconds later it is answered in any case.
 *
 * What must not stop halfway goes on after that, because it does not listen to the signal.
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
    `This took the host more than ${timeoutMs / 1000} s.`,
    'Try again in a few seconds.',
    5,
  );
