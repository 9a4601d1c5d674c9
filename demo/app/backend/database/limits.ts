import { z } from 'zod';

/** An hour at most: with larger numbers, timers and PostgreSQL's settings overflow. */
const milliseconds = z.int().min(1).max(3_600_000);

export const limitsSchema = z.object({
  /** Connections of this process to the server. */
  poolSize: z.int().min(1).max(1000).default(10),
  /** A request waits this long for a connection, whether for a free one or a new one. */
  connectTimeoutMs: milliseconds.default(5000),
  /** PostgreSQL cancels a statement that takes longer. */
  statementTimeoutMs: milliseconds.default(10_000),
  /** A statement that waits longer for a lock fails. */
  lockTimeoutMs: milliseconds.default(5000),
  /** If a transaction idles longer, PostgreSQL ends its connection: a paused process must not keep its locks. */
  idleInTransactionTimeoutMs: milliseconds.default(10_000),
});

/** Pool size and time limits. */
export type DatabaseLimits = z.output<typeof limitsSchema>;

export const defaultLimits: DatabaseLimits = limitsSchema.parse({});
