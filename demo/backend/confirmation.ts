import { setTimeout as delay } from 'node:timers/promises';
import type { Owner } from './owner.js';
import type { PicaAccess } from './pica/access.js';
import { findInVault, type VaultConnection } from './pica/vault.js';
import { Problem } from './problem.js';

/** Pauses between looks, because a vault may lag behind AuthKit. The last one is repeated. */
const pausesMs = [250, 500, 1000, 2000];

/**
 * Looks for a connection in its owner's vault: at once, then again until it is there or the time is up.
 *
 * Gives up as soon as Pica fails: a later repair tries again.
 *
 * @param timeoutMs for all looks together; 0 means a single look
 * @param signals stop the search early, when the client has gone or the process is about to end
 * @returns undefined if it was not found
 */
export async function lookUp(
  pica: PicaAccess,
  owner: Owner,
  key: string,
  timeoutMs: number,
  signals: AbortSignal[],
): Promise<VaultConnection | undefined> {
  // Not AbortSignal.timeout(): Node 20 collects it as garbage if only AbortSignal.any() refers to it.
  const overdue = new AbortController();
  const timer = setTimeout(() => overdue.abort(), timeoutMs);
  const ended = AbortSignal.any(signals);
  const signal = AbortSignal.any([overdue.signal, ended]);
  try {
    for (let look = 0; ; look++) {
      // No time limit for the first look, except the request's own.
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
