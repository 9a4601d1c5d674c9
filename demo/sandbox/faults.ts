import type { MiddlewareHandler } from 'hono';
import { createMiddleware } from 'hono/factory';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { z } from 'zod';
import { answerError } from './errors.js';

export const faultSchema = z
  .strictObject({
    /** This path and everything below it. */
    path: z.string().startsWith('/', 'must start with a slash, like /v1/authkit'),
    method: z.string().toUpperCase().optional(),
    status: z.int().min(400).max(599).optional(),
    /** Milliseconds before the answer. */
    delay: z.int().min(0).max(600_000).optional(),
    /** Whether what was asked for is done first: the answer alone is lost. */
    after: z.boolean().optional(),
    /** How many requests it hits; without it, all of them until the faults are cleared. */
    times: z.int().min(1).optional(),
  })
  .refine((fault) => fault.status !== undefined || fault.delay !== undefined, {
    message: 'give a status, a delay, or both',
  });

export type Fault = z.infer<typeof faultSchema>;

function delayed(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    const timer: unknown = setTimeout(resolve, milliseconds);
    // In Node, a request that is still being delayed must not keep a finished test run alive.
    (timer as Partial<NodeJS.Timeout>).unref?.();
  });
}

/** What the sandbox was told to do badly. */
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

  readonly strike: MiddlewareHandler = createMiddleware(async (c, next) => {
    const fault = this.#take(c.req.path, c.req.method);
    if (fault?.delay) await delayed(fault.delay);
    if (!fault?.status) return next();
    if (fault.after) await next();
    const message = `The sandbox was told to answer ${fault.status}.`;
    const error = answerError(c, fault.status as ContentfulStatusCode, message);
    if (!fault.after) return error;
    // Twice, or the headers of the first answer are kept.
    c.res = undefined;
    c.res = error;
  });

  #take(path: string, method: string) {
    const hit = this.#faults.find(
      (fault) =>
        (path === fault.path || path.startsWith(`${fault.path.replace(/\/$/, '')}/`)) &&
        (!fault.method || fault.method === method),
    );
    if (hit?.times !== undefined && --hit.times === 0) {
      this.#faults = this.#faults.filter((fault) => fault !== hit);
    }
    return hit && { ...hit };
  }
}
