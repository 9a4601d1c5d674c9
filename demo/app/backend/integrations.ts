import { Hono } from 'hono';
import type { PicaAccess } from './pica/access.js';
import { availableConnectors, type Integration } from './pica/connectors.js';
import { rateLimited } from './pica/problems.js';
import { Problem } from './problem.js';
import { orAborted, withTimeLimit, type LimitedEnvironment } from './time-limit.js';

const ttlMs = 5 * 60_000;
/** After a failure, serve the old list for this long before asking Pica again. */
const pauseAfterFailureMs = 30_000;
/** If Pica is slow, serve the old list after this long. */
const maxWaitMs = 2000;

/**
 * `/api/integrations`: the integrations that users can connect. The list is the same for everybody, so the endpoint
 * needs no user. The page can't request the list itself, because only the server has the key.
 */
export function integrationRoutes(pica: PicaAccess) {
  const cache = new IntegrationsCache(() => availableConnectors(pica));
  return new Hono<LimitedEnvironment>().get('/', async (context) =>
    context.json({ rows: await cache.get(context.get('signal')) }),
  );
}

class IntegrationsCache {
  readonly #load: () => Promise<Integration[]>;
  #rows: Integration[] | undefined;
  #staleAt = 0;
  #loading: Promise<Integration[]> | undefined;
  /** Pica's last 429 said to wait until this time. */
  #limitedUntil = 0;

  constructor(load: () => Promise<Integration[]>) {
    this.#load = load;
  }

  /**
   * @param signal stops waiting, but not loading, because others may be waiting for it
   * @throws Problem if Pica fails and there is no older list
   */
  async get(signal: AbortSignal): Promise<Integration[]> {
    const rows = this.#rows;
    if (rows && Date.now() < this.#staleAt) return rows;
    // All callers share one load, which has its own time limit.
    this.#loading ??= this.#refresh().finally(() => (this.#loading = undefined));
    if (!rows) return orAborted(this.#loading, signal);
    const overdue = new Error('Pica is slow, so the old list is served.');
    return withTimeLimit(maxWaitMs, overdue, [signal], (limited) =>
      orAborted(this.#loading ?? Promise.resolve(rows), limited),
    ).catch(() => rows);
  }

  async #refresh(): Promise<Integration[]> {
    try {
      this.#throwIfRateLimited();
      this.#rows = await this.#load();
      this.#staleAt = Date.now() + ttlMs;
    } catch (error) {
      if (error instanceof Problem && error.status === 429) {
        this.#limitedUntil = Date.now() + (error.retryAfterSeconds ?? 0) * 1000;
      }
      if (!this.#rows) throw error;
      this.#staleAt = Date.now() + pauseAfterFailureMs;
    }
    return this.#rows;
  }

  #throwIfRateLimited(): void {
    const seconds = Math.ceil((this.#limitedUntil - Date.now()) / 1000);
    if (seconds > 0) throw rateLimited(seconds);
  }
}
