import { z } from 'zod';

// PostgreSQL's text can't hold a zero byte, and no name or key needs the other control characters.
const line = (maxLength: number) =>
  z
    .string()
    .min(1)
    .max(maxLength)
    .regex(/^\P{Cc}*$/u, 'Must not have control characters');

/** The valid values of a connection's fields, both from pages and from Pica. */
export const connectionFields = {
  platform: line(100),
  connection_key: line(500),
  environment: z.enum(['live', 'test']),
  state: z.enum(['operational', 'degraded', 'failed', 'unknown']),
  name: line(200),
};
