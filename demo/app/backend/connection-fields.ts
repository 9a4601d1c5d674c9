import { z } from 'zod';

// PostgreSQL's text cannot hold a zero byte, and no name or key has a use for the other control characters.
const line = (longest: number) =>
  z
    .string()
    .min(1)
    .max(longest)
    .regex(/^\P{Cc}*$/u, 'Must not have control characters');

/** What the fields of a connection may be, whether a page sends them or Pica does. */
export const connectionFields = {
  platform: line(100),
  connection_key: line(500),
  environment: z.enum(['live', 'test']),
  state: z.enum(['operational', 'degraded', 'failed', 'unknown']),
  name: line(200),
};
