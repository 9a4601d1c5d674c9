import { setTimeout } from 'node:timers/promises';
import type { Cluster } from '../backend/cluster.js';
import type { Random } from './random.js';

/** Milliseconds: longer than PostgreSQL lets a transaction of the backend idle. */
const pauseMs = 12_000;

/** Breaks the servers behind the page, one after the other, and brings each back. */
export class Breakage {
  readonly #cluster: Cluster;
  readonly #random: Random;
  /** What was done, how often. */
  readonly happened = new Map<string, number>();

  constructor(cluster: Cluster, random: Random) {
    this.#cluster = cluster;
    this.#random = random;
  }

  /** Breaks one server. Resolves when it is there again. */
  async next(): Promise<void> {
    const { postgres, pooler } = this.#cluster;
    const [what, how] = this.#random.of<[string, () => Promise<unknown>]>([
      ['PostgreSQL restarted', () => postgres.restart()],
      ['PostgreSQL crashed', () => this.#away(postgres)],
      ['PgBouncer restarted', () => pooler.restart()],
      ['PgBouncer killed', () => this.#away(pooler)],
      ['process killed and replaced', () => this.#replace()],
      ['process paused', () => this.#pause()],
    ]);
    await how();
    this.#count(what);
  }

  async #away(server: { kill(): Promise<void>; start(): Promise<void> }): Promise<void> {
    await server.kill();
    await setTimeout(this.#random.of([0, 1000, 5000]));
    await server.start();
  }

  async #replace(): Promise<void> {
    await this.#cluster.killOne();
    // What starts processes tries again, should the database not be back yet.
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

  #count(what: string): void {
    this.happened.set(what, (this.happened.get(what) ?? 0) + 1);
  }
}
