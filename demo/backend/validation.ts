import { zValidator } from '@hono/zod-validator';
import type { ZodType } from 'zod';
import { Problem } from './problem.js';

/** The request's JSON body, checked: the handler sees a valid one, the caller which field was wrong. */
export const validJson = <Schema extends ZodType>(schema: Schema) =>
  zValidator('json', schema, (result, context) => {
    // Hono takes any other type for an empty body. It is also what a form on another site cannot send.
    if (!/^application\/json\b/i.test(context.req.header('content-type') ?? '')) {
      throw new Problem(
        415,
        'content-type-refused',
        'Send JSON, with content-type application/json.',
      );
    }
    if (result.success) return;
    const fields = result.error.issues.map(
      ({ path, message }) => `${path.join('.') || 'body'}: ${message}`,
    );
    throw new Problem(400, 'body-invalid', fields.join('; '));
  });
