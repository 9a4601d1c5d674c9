import { setTimeout as delay } from 'node:timers/promises';
import type { Owner } from './owner.js';
import type { PicaAccess } from './pica/access.js';
import { findInVault, type VaultConnection } from './pica/vault.js';
import { Problem } from './problem.js';

/** A vault may lag behind AuthKit. The pauses between looks, of which the last is repeated. */
const pausesMs = [250, 500, 1000, 2000];

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
