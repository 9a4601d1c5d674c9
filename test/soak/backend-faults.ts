import { setTimeout } from 'node:timers/promises';
import type { Cluster } from '../backend/cluster.js';
import type { Random } from './random.js';

/** Longer than PostgreSQL allows a transaction of the backend to stay idle. */
const pauseMs = 12_000;

/** Breaks the servers behind the page one after the other and restores each. */
export class BackendFaults {
  readonly #cluster: Cluster;
  readonly #random: Random;
  /** How often each fault was injected. */
  readonly counts = new Map<string, number>();

  constructor(cluster: Cluster, random: Random) {
    this.#cluster = cluster;
    this.#random = random;
  }

  /** Breaks one server. Resolves when it is back. */
  async injectOne(): Promise<void> {
    const { postgres, pooler } = this.#cluster;
    const [name, run] = this.#random.of<[string, () => Promise<unknown>]>([
      ['PostgreSQL restarted', () => postgres.restart()],
      ['PostgreSQL crashed', () => this.#killAndRestart(postgres)],
      ['PgBouncer restarted', () => pooler.restart()],
      ['PgBouncer killed', () => this.#killAndRestart(pooler)],
      ['process killed and replaced', () => this.#replace()],
      ['process paused', () => this.#pause()],
    ]);
    await run();
    this.#count(name);
  }

  async #killAndRestart(server: { kill(): Promise<void>; start(): Promise<void> }): Promise<void> {
    await server.kill();
    await setTimeout(this.#random.of([0, 1000, 5000]));
    await server.start();
  }

  async #replace(): Promise<void> {
    await this.#cluster.killOne();
    // Retries like a process supervisor, as the database may not be back yet.
    for (;;) {
      try {
        await this.#cluster.add();
        return;
      } catch (error) {
        this.#count(`process not started: ${String(error).split('\n')[0]}`);
        await setTimeout(1000);
      }
    }
  }

  async #pause(): Promise<void> {
    const process = this.#random.of(this.#cluster.processes);
    process.pause();
    await setTimeout(pauseMs);
    process.resume();
  }

  #count(name: string): void {
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
  }
}
