import { setTimeout as delay } from 'node:timers/promises';
import { ownerId, type Owner } from './owner.js';
import type { PicaAccess } from './pica/access.js';
import { findInVault, type VaultConnection } from './pica/vault.js';
import { Problem } from './problem.js';
import { withTimeLimit } from './time-limit.js';

/** Pauses between attempts, because a vault may lag behind AuthKit. The last pause is repeated. */
const pausesMs = [250, 500, 1000, 2000];

/** The first attempt has this long even if it is the only one, because it may read all pages of a large vault. */
const firstLookMs = 10_000;

/**
 * The lookups of this process. Each owner has at most one that waits for a lagging vault, so that made-up keys can't
 * keep many requests waiting. Meanwhile, the owner's other keys get a single attempt.
 */
export class Lookups {
  readonly #running = new Map<string, { key: string; found: ReturnType<typeof lookUp> }>();

  /**
   * @param look starts a lookup. With 0, it makes a single attempt.
   * @returns the result, shared with a running lookup for the same key
   */
  async run(owner: Owner, key: string, look: (timeoutMs?: number) => ReturnType<typeof lookUp>) {
    const id = ownerId(owner);
    const running = this.#running.get(id);
    if (running) return running.key === key ? running.found : look(0);
    const found = look();
    this.#running.set(id, { key, found });
    try {
      return await found;
    } finally {
      this.#running.delete(id);
    }
  }
}

/**
 * Looks for a connection in its owner's vault: at once, then again until it is there or the time is up.
 *
 * Gives up as soon as Pica fails: a later repair tries again.
 *
 * @param timeoutMs for all attempts together; 0 means a single attempt
 * @param signals stop the lookup early, when the client disconnects or the process is about to end
 * @returns undefined if it was not found
 */
export function lookUp(
  pica: PicaAccess,
  owner: Owner,
  key: string,
  timeoutMs: number,
  signals: AbortSignal[],
): Promise<VaultConnection | undefined> {
  const overdue = new Error('The time for looking is up.');
  return withTimeLimit(timeoutMs, overdue, signals, async (signal) => {
    try {
      // The first attempt isn't limited by timeoutMs.
      let look = await withTimeLimit(firstLookMs, overdue, signals, (first) =>
        findInVault(pica, owner, key, first),
      );
      for (let looks = 0; !look.connection; looks++) {
        await delay(pausesMs[Math.min(looks, pausesMs.length - 1)], undefined, { signal });
        look = await findInVault(pica, owner, key, signal);
      }
      return look.connection;
    } catch (error) {
      if (error instanceof Problem || error === overdue || signal.aborted) return undefined;
      throw error;
    }
  });
}
