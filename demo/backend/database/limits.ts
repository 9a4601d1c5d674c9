import { z } from 'zod';

/** An hour at most: with larger numbers, timers and PostgreSQL's settings overflow. */
const milliseconds = z.int().min(1).max(3_600_000);

export const limitsSchema = z.object({
  /** Connections of this process to the server. */
  poolSize: z.int().min(1).max(1000).default(10),
  /** A request waits this long for a connection: until one of the pool is free, or a new one is open. */
  connectTimeoutMs: milliseconds.default(5000),
  /** PostgreSQL cancels a statement that takes longer. */
  statementTimeoutMs: milliseconds.default(10_000),
  /** A statement that waits longer for a lock fails. */
  lockTimeoutMs: milliseconds.default(5000),
  /** PostgreSQL ends a connection whose transaction waits longer for us: a paused process must not keep its locks. */
  idleInTransactionTimeoutMs: milliseconds.default(10_000),
});

/** How long the database may take for what. */
export type DatabaseLimits = z.output<typeof limitsSchema>;

export const defaultLimits: DatabaseLimits = limitsSchema.parse({});
