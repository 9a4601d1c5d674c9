import { Hono } from 'hono';
import { isMigrated } from './database/migrate.js';
import type { Database } from './database/transaction.js';
import type { Log } from './log.js';

/** Whoever asks asks often, and gives up soon. */
const patience = 2000;

/**
 * `/healthz`: the process lives; if not, restart it. `/readyz`: it can serve; if not, send requests elsewhere.
 *
 * @param closing aborted as soon as the process is going to end
 */
export function healthRoutes(database: Database, closing: AbortSignal, log: Log) {
  const isReachable = async () => {
    const slow = new Promise<never>((_resolve, reject) => {
      setTimeout(() => reject(new Error('The database is too slow.')), patience).unref();
    });
    try {
      return await Promise.race([isMigrated(database), slow]);
    } catch (error) {
      log.warn({ err: error }, 'not ready');
      return false;
    }
  };
  return new Hono()
    .get('/healthz', (context) => context.json({ status: 'ok' }))
    .get('/readyz', async (context) => {
      if (closing.aborted) return context.json({ status: 'closing' }, 503);
      if (await isReachable()) return context.json({ status: 'ok' });
      return context.json({ status: 'database-unavailable' }, 503);
    });
}
