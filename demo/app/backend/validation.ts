import { zValidator } from '@hono/zod-validator';
import { createMiddleware } from 'hono/factory';
import type { ZodType } from 'zod';
import { Problem } from './problem.js';

/**
 * Refuses a POST that isn't JSON, before anything else is checked. A form on another site can't send JSON, and a script
 * there needs a preflight.
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

/** Validates the JSON body. If it is invalid, the answer names the fields. */
export const validJson = <Schema extends ZodType>(schema: Schema) =>
  zValidator('json', schema, (result) => {
    if (result.success) return;
    const fields = result.error.issues.map(
      ({ path, message }) => `${path.join('.') || 'body'}: ${message}`,
    );
    throw new Problem(400, 'body-invalid', fields.join('; '));
  });
