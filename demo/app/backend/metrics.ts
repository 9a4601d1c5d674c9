import { createMiddleware } from 'hono/factory';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import packageJson from '../../../package.json' with { type: 'json' };
import type { OpenDatabase } from './database/open.js';
import { repairBacklog } from './database/repair-backlog.js';
import { routeOf } from './log.js';
import type { PicaObserver } from './pica/request-observer.js';
import { repairChanges, repairOutcomes, type RepairObserver } from './repair-observer.js';

/** Keeps scrapes quick. Only the database can be slow. */
const databaseTimeoutMs = 1000;

/** A save may wait ten seconds for Pica's vault. */
const secondsBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15];

/** Clients can send any method. All others are counted together. */
const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/**
 * Metrics for Prometheus. No label has a value that a client can choose: no user, key or path.
 *
 * Each backend has its own registry, so several may run in one process.
 */
export class Metrics {
  readonly #opened: OpenDatabase;
  readonly #registry = new Registry();
  #counting: Promise<void> | undefined;

  readonly #requests = this.#histogram(
    'http_request_duration_seconds',
    'Requests by method, route and status. _count is the number of requests.',
    ['method', 'route', 'status'],
  );
  readonly #requestsUnderWay = this.#gauge('http_requests_under_way', 'Requests being answered.');
  readonly #picaRequests = this.#histogram(
    'pica_request_duration_seconds',
    'Requests to Pica by operation and outcome.',
    ['operation', 'outcome'],
  );
  readonly #repairsPaused = this.#gauge(
    'repairs_paused',
    '1 while this process sends Pica no repairs, after five failures in a row.',
  );
  readonly #repairs = this.#counter('repairs_total', 'Repairs by outcome.', ['outcome']);
  readonly #repairedConnections = this.#counter(
    'repaired_connections_total',
    'Connections that repairs have changed, by kind of change.',
    ['change'],
  );
  readonly #databaseUp = this.#gauge('database_up', '1 if the database has answered this scrape.');
  readonly #repairsDue = this.#gauge('repairs_due', 'Scheduled repairs whose time has come.');
  readonly #oldestDueSeconds = this.#gauge(
    'repairs_oldest_due_seconds',
    'How long the oldest of them has been due.',
  );
  readonly #claims = this.#gauge(
    'unconfirmed_connections',
    'Saved connections that Pica has not confirmed yet.',
  );
  readonly #poolMax = this.#gauge('database_pool_max', 'Connections the pool may open.');
  readonly #poolConnections = this.#gauge(
    'database_pool_connections',
    'Open connections by state.',
    ['state'],
  );
  readonly #poolWaiting = this.#gauge(
    'database_pool_waiting',
    'Transactions that wait for a connection.',
  );

  constructor(opened: OpenDatabase) {
    this.#opened = opened;
    collectDefaultMetrics({ register: this.#registry });
    this.#gauge('build_info', 'Always 1.', ['version']).set({ version: packageJson.version }, 1);
    // Start at 0: otherwise, Prometheus wouldn't count the first one as an increase.
    this.#repairsPaused.set(0);
    for (const outcome of repairOutcomes) this.#repairs.inc({ outcome }, 0);
    for (const change of repairChanges) this.#repairedConnections.inc({ change }, 0);
  }

  /** Counts the app's answers. Install it before all other middleware. */
  readonly countRequests = createMiddleware(async (context, next) => {
    const began = performance.now();
    this.#requestsUnderWay.inc();
    try {
      await next();
    } finally {
      this.#requestsUnderWay.dec();
      const { method } = context.req;
      const labels = {
        method: methods.has(method) ? method : 'other',
        // `other`: files, and URLs that don't exist.
        route: routeOf(context) ?? 'other',
        status: context.res.status,
      };
      this.#requests.observe(labels, (performance.now() - began) / 1000);
    }
  });

  readonly observePica: PicaObserver = (operation, outcome, ms) =>
    this.#picaRequests.observe({ operation, outcome }, ms / 1000);

  readonly repairObserver: RepairObserver = {
    ended: (outcome, changes) => {
      this.#repairs.inc({ outcome });
      for (const [change, count] of Object.entries(changes ?? {})) {
        this.#repairedConnections.inc({ change }, count);
      }
    },
    paused: (isPaused) => this.#repairsPaused.set(isPaused ? 1 : 0),
  };

  /** Answers scrapes. Serve it on a separate port. */
  readonly fetch = async (request: Request): Promise<Response> => {
    if (new URL(request.url).pathname !== '/metrics') return new Response(null, { status: 404 });
    this.#countPool();
    // Count once at a time, so that scrapes don't pile up on a slow database.
    this.#counting ??= this.#countInDatabase().finally(() => (this.#counting = undefined));
    await this.#counting;
    const headers = { 'content-type': this.#registry.contentType };
    return new Response(await this.#registry.metrics(), { headers });
  };

  #countPool(): void {
    const counts = this.#opened.poolCounts?.();
    if (!counts) return;
    this.#poolMax.set(counts.max);
    this.#poolConnections.set({ state: 'idle' }, counts.idle);
    this.#poolConnections.set({ state: 'in_use' }, counts.total - counts.idle);
    this.#poolWaiting.set(counts.waiting);
  }

  async #countInDatabase(): Promise<void> {
    try {
      const signal = AbortSignal.timeout(databaseTimeoutMs);
      const { due, oldestDueSeconds, claims } = await repairBacklog(
        this.#opened.monitoring,
        signal,
      );
      this.#databaseUp.set(1);
      this.#repairsDue.set(due);
      this.#oldestDueSeconds.set(oldestDueSeconds);
      this.#claims.set(claims);
    } catch {
      this.#databaseUp.set(0);
      // Leave these out, because their last values would look current.
      for (const unknown of [this.#repairsDue, this.#oldestDueSeconds, this.#claims])
        unknown.remove();
    }
  }

  #gauge(name: string, help: string, labelNames: string[] = []) {
    return new Gauge({ ...this.#named(name), help, labelNames });
  }

  #counter(name: string, help: string, labelNames: string[]) {
    return new Counter({ ...this.#named(name), help, labelNames });
  }

  #histogram(name: string, help: string, labelNames: string[]) {
    return new Histogram({ ...this.#named(name), help, labelNames, buckets: secondsBuckets });
  }

  #named(name: string) {
    return { name: `pica_connect_${name}`, registers: [this.#registry] };
  }
}
