import { sql } from 'kysely';
import { transact, type Database } from './transaction.js';

export interface RepairBacklog {
  /** Scheduled repairs whose time has come. */
  due: number;
  oldestDueSeconds: number;
  /** Saved connections that Pica has not confirmed yet. */
  claims: number;
}

/** How many repairs and claims are waiting, over all users. */
export function repairBacklog(database: Database, signal: AbortSignal): Promise<RepairBacklog> {
  return transact(
    database,
    async (transaction) => {
      const { due, oldest_due_seconds } = await transaction
        .selectFrom('repairs')
        .select([
          sql<string>`count(*)`.as('due'),
          sql<string>`coalesce(extract(epoch from now() - min(due_at)), 0)`.as(
            'oldest_due_seconds',
          ),
        ])
        .where('due_at', '<=', sql<Date>`now()`)
        .executeTakeFirstOrThrow();
      const { claims } = await transaction
        .selectFrom('unconfirmed_connections')
        .select(sql<string>`count(*)`.as('claims'))
        .executeTakeFirstOrThrow();
      return {
        due: Number(due),
        oldestDueSeconds: Number(oldest_due_seconds),
        claims: Number(claims),
      };
    },
    signal,
  );
}
