import { Hono } from 'hono';
import { Readiness } from './database/readiness.js';
import type { Database } from './database/transaction.js';
import type { Log } from './log.js';

/**
 * `/healthz`: whether the process lives. If not, restart it. `/readyz`: whether it can serve. If not, send requests
 * elsewhere.
 *
 * @param closing aborted as soon as the process is going to end
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
