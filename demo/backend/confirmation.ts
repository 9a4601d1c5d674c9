import { setTimeout as delay } from 'node:timers/promises';
import { ownerId, type Owner } from './owner.js';
import type { PicaAccess } from './pica/access.js';
import { findInVault, type VaultConnection } from './pica/vault.js';
import { Problem } from './problem.js';

/** A vault may lag behind AuthKit. The pauses between looks, of which the last is repeated. */
const pausesMs = [250, 500, 1000, 2000];

/**
 * The look-ups of this process, of which an owner has one at a time: keys that are made up must neither keep many
 * requests waiting nor have Pica asked for each.
 */
export class LookUps {
  readonly #running = new Map<string, { key: string; found: ReturnType<typeof lookUp> }>();

  /**
   * @param look begins a look-up
   * @returns what it finds; that of the one under way where it is for the same key, and nothing where it is for another
   */
  async one(owner: Owner, key: string, look: () => ReturnType<typeof lookUp>) {
    const id = ownerId(owner);
    const running = this.#running.get(id);
    if (running) return running.key === key ? running.found : undefined;
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
 * Looks a connection up in its owner's vault: at once, and again until it is there or the time is over.
 *
 * A Pica that fails is not asked again here: the repair comes back to it.
 *
 * @param timeoutMs for all looks together; 0 is one look
 * @param signals end it early: whoever asks has gone, or the process is going to end
 */
export async function lookUp(
  pica: PicaAccess,
  owner: Owner,
  key: string,
  timeoutMs: number,
  signals: AbortSignal[],
): Promise<VaultConnection | undefined> {
  // Not AbortSignal.timeout(): Node 20 lets one go that only AbortSignal.any() knows, and it never comes.
  const overdue = new AbortController();
  const timer = setTimeout(() => overdue.abort(), timeoutMs);
  const ended = AbortSignal.any(signals);
  const signal = AbortSignal.any([overdue.signal, ended]);
  try {
    for (let look = 0; ; look++) {
      // The first look may take as long as Pica does.
      const connection = await findInVault(pica, owner, key, look === 0 ? ended : signal);
      if (connection) return connection;
      await delay(pausesMs[Math.min(look, pausesMs.length - 1)], undefined, { signal });
    }
  } catch (error) {
    if (error instanceof Problem || signal.aborted) return undefined;
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
