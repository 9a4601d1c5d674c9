import { setTimeout as delay } from 'node:timers/promises';
import {
  BrokenCircuitError,
  bulkhead,
  BulkheadRejectedError,
  circuitBreaker,
  ConsecutiveBreaker,
  ExponentialBackoff,
  handleWhen,
} from 'cockatiel';
import { removeExpired } from './database/remove-expired.js';
import { repair } from './database/repair.js';
import { RepairSchedule, type Claim } from './database/repair-schedule.js';
import type { Database } from './database/transaction.js';
import type { Log } from './log.js';
import { ownerId, type Owner } from './owner.js';
import { environmentOf, type PicaAccess } from './pica/access.js';
import { tooSlow } from './pica/problems.js';
import { deleteById, listVault } from './pica/vault.js';
import { Problem } from './problem.js';
import type { RepairObserver } from './repair-observer.js';
import { withTimeLimit } from './time-limit.js';

export interface RepairOptions {
  database: Database;
  pica: PicaAccess;
  log: Log;
  /** Seconds between two repairs of the same user. */
  pauseSeconds: number;
  observer?: RepairObserver | undefined;
}

/** Repairs that run at once in this process. */
const maxConcurrent = 4;
/** Repairs that may wait for one of those to end. */
const maxWaiting = 100;

/** Repairs that the scheduled job may run at once. The others are for users who are looking at their lists. */
const maxScheduled = 2;

/** The time limit for one repair. Shorter than its claim, which lasts a minute. */
const timeoutMs = 50_000;

/** After this, a repair reads no more pages of the vault and continues with those that it has. */
const maxListingMs = 25_000;

/** How often to look for due repairs. Random, so that processes don't do it at the same time. */
const pollIntervalMs = () => 30_000 * (0.75 + Math.random() * 0.5);

/** The most entries that `#nextChecks` may have. It is only a cache. */
const maxNextChecks = 10_000;

/**
 * Compares users' connections with Pica's vault and repairs the differences: when a user looks at the list, and on a
 * schedule for everybody. No request waits for it.
 */
export class Repairs {
  readonly #options: RepairOptions;
  readonly #schedule: RepairSchedule;
  readonly #limit = bulkhead(maxConcurrent, maxWaiting);
  /** After five failures in a row, stops asking Pica: for a few seconds at first, and later for up to five minutes. */
  readonly #breaker = circuitBreaker(handleWhen(isPicaDown), {
    breaker: new ConsecutiveBreaker(5),
    halfOpenAfter: new ExponentialBackoff({ initialDelay: 5000, maxDelay: 5 * 60_000 }),
  });
  readonly #running = new Set<Promise<unknown>>();
  /** Pica's last 429 said to wait until this time. */
  #limitedUntil = 0;
  /** User → when to ask the database again whether a repair is due. */
  readonly #nextChecks = new Map<string, number>();
  readonly #abort = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #isClosing = false;

  constructor(options: RepairOptions) {
    this.#options = options;
    this.#schedule = new RepairSchedule(options.database);
    const { log, observer } = options;
    this.#breaker.onBreak(() => log.error('Pica fails: repairs pause'));
    this.#breaker.onReset(() => log.info('Pica is back: repairs go on'));
    this.#breaker.onBreak(() => observer?.paused(true));
    this.#breaker.onReset(() => observer?.paused(false));
  }

  /** Starts the scheduled job. */
  start(): void {
    const look = () => {
      const again = () => {
        if (!this.#isClosing) this.#timer = setTimeout(look, pollIntervalMs()).unref();
      };
      this.#run(this.#repairDue().finally(again));
    };
    look();
  }

  /** Repairs a user's connections, unless that was done a moment ago. Returns at once. */
  request(owner: Owner): void {
    const now = Date.now();
    const user = ownerId(owner);
    if (this.#isPausing() || (this.#nextChecks.get(user) ?? 0) > now) return;
    if (this.#nextChecks.size >= maxNextChecks) this.#nextChecks.clear();
    this.#nextChecks.set(user, now + this.#options.pauseSeconds * 1000);
    this.#run(
      this.#limited(async () => {
        const claim = await this.#schedule.claim(owner, this.#options.pauseSeconds);
        if (claim) await this.#repair(claim);
      }),
    );
  }

  /**
   * Schedules a repair, because a user is about to connect something. If the page doesn't save it, the repair does.
   *
   * @param signal cancels the work
   */
  expectConnection(owner: Owner, signal: AbortSignal): Promise<void> {
    return this.#scheduled(owner, this.#schedule.expectConnection(owner, signal));
  }

  /** Schedules a repair, because Pica hasn't confirmed a saved connection yet. */
  expectConfirmation(owner: Owner): Promise<void> {
    return this.#scheduled(owner, this.#schedule.expectConfirmation(owner));
  }

  /** Waits until running repairs have ended. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  /**
   * Starts no more repairs, and waits for running ones.
   *
   * @param hurry cancels running ones. Another process repeats them, or the next one that starts.
   */
  async close(hurry: AbortSignal): Promise<void> {
    this.#isClosing = true;
    clearTimeout(this.#timer);
    const hurried = new Promise<void>((resolve) => {
      if (hurry.aborted) resolve();
      hurry.addEventListener('abort', () => resolve(), { once: true });
    });
    await Promise.race([this.settled(), hurried]);
    this.#abort.abort();
    // Now they only have to release their claims, but the database may be slow.
    await Promise.race([this.settled(), delay(1000, undefined, { ref: false })]);
  }

  #run(task: Promise<void>): void {
    const { log } = this.#options;
    const logged = task.catch((error: unknown) => log.error({ err: error }, 'repairing failed'));
    const running = logged.finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  /** Only logs a failure, because it must not keep anybody from connecting. */
  async #scheduled(owner: Owner, scheduling: Promise<void>): Promise<void> {
    try {
      await scheduling;
    } catch (error) {
      this.#options.log.error({ user: ownerId(owner), err: error }, 'no repair could be scheduled');
    }
  }

  async #limited(task: () => Promise<void>): Promise<void> {
    try {
      await this.#limit.execute(task);
    } catch (error) {
      // The user's next list request asks for it again.
      if (!(error instanceof BulkheadRejectedError)) throw error;
      this.#options.log.warn('too many repairs are waiting: one was left out');
      this.#options.observer?.ended('left_out');
    }
  }

  async #repairDue(): Promise<void> {
    const worker = async () => {
      let isMore = true;
      while (isMore && !this.#isPausing()) {
        isMore = false;
        await this.#limited(async () => {
          const claim = this.#isPausing() ? undefined : await this.#schedule.claimDue();
          if (claim) isMore = await this.#repair(claim);
        });
      }
    };
    await Promise.all(Array.from({ length: maxScheduled }, worker));
    if (!this.#isClosing) await removeExpired(this.#options.database);
  }

  /** @returns whether to go on with the next repair */
  async #repair(claim: Claim): Promise<boolean> {
    const { database, pica, log, observer } = this.#options;
    const { owner } = claim;
    const user = ownerId(owner);
    const began = performance.now();
    try {
      const overdue = tooSlow();
      const result = await withTimeLimit(
        timeoutMs,
        overdue,
        [this.#abort.signal],
        async (signal) => {
          const listing = await this.#breaker.execute(() =>
            listVault(pica, owner, { signal, stopAfterMs: maxListingMs }),
          );
          const environment = environmentOf(pica.secrets);
          const { unwanted, ...repaired } = await repair(
            ...([database, claim, listing, environment, signal] as const),
          );
          for (const { id } of unwanted) await deleteById(pica, id, signal);
          const isComplete = listing.isComplete && listing.unparsedKeys.length === 0;
          return { ...repaired, deleted: unwanted.length, isComplete };
        },
      );
      await this.#schedule.succeeded(owner);
      const ms = Math.round(performance.now() - began);
      const { isComplete, ...changes } = result;
      const level = changes.displaced > 0 || !isComplete ? 'warn' : 'info';
      log[level]({ user, ...result, ms }, 'repaired');
      observer?.ended('repaired', changes);
      return true;
    } catch (error) {
      if (error instanceof BrokenCircuitError || this.#abort.signal.aborted) {
        observer?.ended('postponed');
        await this.#schedule.release(owner);
        return false;
      }
      log.warn({ user, err: error }, 'not repaired');
      observer?.ended('failed');
      if (error instanceof Problem && error.status === 429) {
        const { retryAfterSeconds = 0 } = error;
        this.#limitedUntil = Date.now() + retryAfterSeconds * 1000;
        await this.#schedule.postpone(owner, retryAfterSeconds);
        return false;
      }
      await this.#schedule.failed(owner);
      return error instanceof Problem;
    }
  }

  #isPausing(): boolean {
    return this.#isClosing || Date.now() < this.#limitedUntil;
  }
}

/** A refusal isn't an outage: it may concern only one identity. A 429 says how long to wait. */
function isPicaDown(error: unknown): boolean {
  return error instanceof Problem && !['pica-refused', 'pica-rate-limited'].includes(error.code);
}
