import type { BackendOptions } from '../../demo/app/backend/server.js';
import { startBackendProcess, type BackendProcess } from './backend-process.js';
import { startPgbouncer, type Pgbouncer, type PgbouncerOptions } from './pgbouncer.js';
import { startPostgres, type Postgres } from './postgres.js';

export interface ClusterOptions {
  /** The number of backend processes. */
  size: number;
  backend: Omit<BackendOptions, 'database'>;
  pooler?: Partial<Omit<PgbouncerOptions, 'postgresUrl'>>;
}

/** What `@picahq/authkit-token` prints when Pica fails. It then goes on, and the backend logs the outcome. */
const expectedErrors = /^Failed to fetch (user whitelist status|authkit batch).*\n?/gm;

/** A host's set-up: several backend processes behind PgBouncer, on one PostgreSQL. */
export class Cluster {
  readonly postgres: Postgres;
  readonly pooler: Pgbouncer;
  readonly #options: BackendOptions;
  /** Every process that was ever started. */
  readonly #started: BackendProcess[] = [];
  #running: readonly BackendProcess[] = [];

  private constructor(postgres: Postgres, pooler: Pgbouncer, backend: ClusterOptions['backend']) {
    this.postgres = postgres;
    this.pooler = pooler;
    this.#options = { ...backend, database: pooler.url };
  }

  /** @returns undefined if PostgreSQL or PgBouncer is not installed */
  static async start({ size, backend, pooler }: ClusterOptions): Promise<Cluster | undefined> {
    const postgres = await startPostgres();
    if (!postgres) return undefined;
    const pgbouncer = await startPgbouncer({
      postgresUrl: postgres.url,
      poolMode: 'transaction',
      ...pooler,
    });
    if (!pgbouncer) {
      await postgres.stop();
      return undefined;
    }
    const cluster = new Cluster(postgres, pgbouncer, backend);
    try {
      await Promise.all(Array.from({ length: size }, () => cluster.add()));
      return cluster;
    } catch (error) {
      await cluster.close();
      throw error;
    }
  }

  /** The running processes, as a load balancer sees them. */
  get processes(): readonly BackendProcess[] {
    return this.#running;
  }

  /** Unexpected faults: processes that ended by themselves, output on standard error, errors without a name. */
  get faults(): string[] {
    return this.#started.flatMap((process) => {
      const unexpected = process
        .printed()
        .match(/^.*("msg":"unexpected error"|"level":"fatal").*$/gm);
      const end = process.unexpectedEnd();
      const errors = process.errors().replace(expectedErrors, '');
      return [...(end ? [end] : errors ? [errors] : []), ...(unexpected ?? [])];
    });
  }

  /** Starts one more process. */
  async add(changes: Partial<BackendOptions> = {}): Promise<BackendProcess> {
    const process = await startBackendProcess({ ...this.#options, ...changes });
    this.#started.push(process);
    this.#running = [...this.#running, process];
    return process;
  }

  /** Kills the oldest process. A load balancer notices only when it gets no answer. */
  async killOne(): Promise<void> {
    const [process, ...others] = this.#running;
    await process?.kill();
    this.#running = others;
  }

  async close(): Promise<void> {
    await Promise.all(this.#started.map((process) => process.kill()));
    await this.pooler.stop();
    await this.postgres.stop();
  }
}
