import { Hono } from 'hono';
import type { PicaAccess } from './pica/access.js';
import { availableConnectors, type Integration } from './pica/connectors.js';

const freshFor = 5 * 60_000;
/** After a failure Pica is left alone for this long, and what is there already is served. */
const pauseAfterFailure = 30_000;

/** What can be connected. The same for everybody, so it needs no user; the key that it takes is why it is here. */
export function integrationRoutes(pica: PicaAccess) {
  const cache = new IntegrationsCache(() => availableConnectors(pica));
  return new Hono().get('/', async (context) => context.json({ rows: await cache.get() }));
}

class IntegrationsCache {
  readonly #load: () => Promise<Integration[]>;
  #rows: Integration[] | undefined;
  #staleAt = 0;
  #loading: Promise<Integration[]> | undefined;

  constructor(load: () => Promise<Integration[]>) {
    this.#load = load;
  }

  /** @throws Problem when Pica cannot be read and there is nothing from earlier */
  async get(): Promise<Integration[]> {
    if (this.#rows && Date.now() < this.#staleAt) return this.#rows;
    // However many ask at the same time, Pica is asked once.
    this.#loading ??= this.#refresh().finally(() => (this.#loading = undefined));
    return this.#loading;
  }

  async #refresh(): Promise<Integration[]> {
    try {
      this.#rows = await this.#load();
      this.#staleAt = Date.now() + freshFor;
    } catch (error) {
      if (!this.#rows) throw error;
      this.#staleAt = Date.now() + pauseAfterFailure;
    }
    return this.#rows;
  }
}
