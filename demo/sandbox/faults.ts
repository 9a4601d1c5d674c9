import type { MiddlewareHandler } from 'hono';
import { createMiddleware } from 'hono/factory';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { z } from 'zod';
import { answerError } from './errors.js';

export const faultSchema = z
  .strictObject({
    /** Applies to this path and everything below it. */
    path: z.string().startsWith('/', 'must start with a slash, like /v1/authkit'),
    method: z.string().toUpperCase().optional(),
    status: z.int().min(400).max(599).optional(),
    /** Wait this many milliseconds before answering. */
    delay: z.int().min(0).max(600_000).optional(),
    /** Whether the request is carried out first, so that only its answer is lost. */
    after: z.boolean().optional(),
    /** How many requests fail. Without it, all of them do until the faults are cleared. */
    times: z.int().min(1).optional(),
  })
  .refine((fault) => fault.status !== undefined || fault.delay !== undefined, {
    message: 'give a status, a delay, or both',
  });

export type Fault = z.infer<typeof faultSchema>;

function wait(durationMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer: unknown = setTimeout(resolve, durationMs);
    // In Node, a delayed request must not keep a finished test run alive.
    (timer as Partial<NodeJS.Timeout>).unref?.();
  });
}

/** The faults that `/sandbox/faults` has injected. */
export class Faults {
  #faults: Fault[] = [];

  get all(): readonly Fault[] {
    return this.#faults;
  }

  add(fault: Fault) {
    this.#faults.push({ ...fault });
  }

  clear() {
    this.#faults = [];
  }

  readonly middleware: MiddlewareHandler = createMiddleware(async (c, next) => {
    const fault = this.#take(c.req.path, c.req.method);
    if (fault?.delay) await wait(fault.delay);
    if (!fault?.status) return next();
    if (fault.after) await next();
    const message = `The sandbox was told to answer ${fault.status}.`;
    const error = answerError(c, fault.status as ContentfulStatusCode, message);
    if (!fault.after) return error;
    // Hono copies the headers of the previous answer into a new one unless it is cleared first.
    c.res = undefined;
    c.res = error;
  });

  #take(path: string, method: string) {
    const match = this.#faults.find(
      (fault) =>
        (path === fault.path || path.startsWith(`${fault.path.replace(/\/$/, '')}/`)) &&
        (!fault.method || fault.method === method),
    );
    if (match?.times !== undefined && --match.times === 0) {
      this.#faults = this.#faults.filter((fault) => fault !== match);
    }
    return match && { ...match };
  }
}
