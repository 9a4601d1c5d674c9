import { zValidator } from '@hono/zod-validator';
import { createMiddleware } from 'hono/factory';
import type { ZodType } from 'zod';
import { Problem } from './problem.js';

/**
 * Refuses a POST of anything but JSON, before anything else of it is looked at. JSON is what a form on another site
 * cannot send, and what a script there can only send after it has asked.
 */
export const onlyJson = createMiddleware(async (context, next) => {
  const type = context.req.header('content-type') ?? '';
  if (context.req.method === 'POST' && !/^application\/json *(;|$)/i.test(type)) {
    throw new Problem(
      415,
      'content-type-refused',
      'Send JSON, with content-type application/json.',
    );
  }
  await next();
});

/** The request's JSON body, checked: the handler sees a valid one, the caller which field was wrong. */
export const validJson = <Schema extends ZodType>(schema: Schema) =>
  zValidator('json', schema, (result) => {
    if (result.success) return;
    const fields = result.error.issues.map(
      ({ path, message }) => `${path.join('.') || 'body'}: ${message}`,
    );
    throw new Problem(400, 'body-invalid', fields.join('; '));
  });
