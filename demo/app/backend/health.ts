import { Hono } from 'hono';
import { Readiness } from './database/readiness.js';
import type { Database } from './database/transaction.js';
import type { Log } from './log.js';

/**
 * `/healthz`: whether the process is alive. If it isn't, restart it. `/readyz`: whether it can answer requests. If it
 * can't, send them elsewhere.
 *
 * @param closing aborted as soon as the process begins to shut down
 */
export function healthRoutes(database: Database, closing: AbortSignal, log: Log) {
  const readiness = new Readiness(database, log);
  return new Hono()
    .get('/healthz', (context) => context.json({ status: 'ok' }))
    .get('/readyz', async (context) => {
      const status = closing.aborted ? 'closing' : await readiness.status();
      return context.json({ status }, status === 'ok' ? 200 : 503);
    });
}
