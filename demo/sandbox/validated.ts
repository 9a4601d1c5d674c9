import { zValidator } from '@hono/zod-validator';
import type { ValidationTargets } from 'hono';
import { z } from 'zod';
import { answerError } from './errors.js';

/** Validates input. Invalid input is answered as Pica does, with a message for each field. */
export const validated = <Target extends keyof ValidationTargets, Schema extends z.ZodType>(
  target: Target,
  schema: Schema,
) =>
  zValidator(target, schema, (result, c) => {
    if (!result.success) return answerError(c, 400, z.prettifyError(result.error));
  });
