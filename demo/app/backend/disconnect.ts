import { beginDeletion, cancelDeletion, finishDeletion } from './database/deletions.js';
import type { Database } from './database/transaction.js';
import type { Log } from './log.js';
import { ownerId, type Owner } from './owner.js';
import type { PicaAccess } from './pica/access.js';
import { isUncertain } from './pica/problems.js';
import { deleteById, findInVault, incomplete } from './pica/vault.js';
import { orAborted } from './time-limit.js';

/** Deletes connections in three steps: it marks the row, deletes the grant at Pica, and deletes the row. */
export class Disconnector {
  readonly #database: Database;
  readonly #pica: PicaAccess;
  readonly #log: Log;
  /** Owner → the end of the last lookup of a key that isn't in the tables. */
  readonly #lastLooks = new Map<string, Promise<unknown>>();

  constructor(database: Database, pica: PicaAccess, log: Log) {
    this.#database = database;
    this.#pica = pica;
    this.#log = log;
  }

  /**
   * @param signal cancels the work. It has no effect once Pica has been asked to delete, or the result would be unknown.
   * @returns whether there was such a connection, at Pica or here
   */
  async delete(owner: Owner, key: string, signal: AbortSignal): Promise<boolean> {
    // Mark the row first: if it can't be changed, the grant must stay.
    const deletion = await beginDeletion(this.#database, owner, key, signal);
    let mayBeDeleted = false;
    try {
      const find = () => findInVault(this.#pica, owner, key, signal);
      // Pica deletes by the vault's id. Searching only this owner's connections keeps those of others safe.
      const found = await (deletion.isKnown ? find() : this.#oneAtATime(owner, signal, find));
      if (found.id !== undefined) {
        mayBeDeleted = true;
        await deleteById(this.#pica, found.id);
      } else if (!found.isAbsent) throw incomplete();
    } catch (error) {
      if (!mayBeDeleted || !isUncertain(error)) await this.#cancel(owner, deletion);
      throw error;
    }
    return finishDeletion(this.#database, owner, deletion, mayBeDeleted);
  }

  /** If this fails, the next repair removes the mark. */
  async #cancel(owner: Owner, deletion: Parameters<typeof cancelDeletion>[2]): Promise<void> {
    try {
      await cancelDeletion(this.#database, owner, deletion);
    } catch (error) {
      this.#log.warn({ user: ownerId(owner), err: error }, 'still marked as being deleted');
    }
  }

  /**
   * A key that isn't in the tables may still be in the vault, and only reading all pages rules that out. Each owner's
   * lookups run one at a time, so that made-up keys can't cause many requests at once.
   */
  async #oneAtATime<Result>(
    owner: Owner,
    signal: AbortSignal,
    look: () => Promise<Result>,
  ): Promise<Result> {
    const id = ownerId(owner);
    const last = this.#lastLooks.get(id) ?? Promise.resolve();
    const looking = last.then(() => {
      signal.throwIfAborted();
      return look();
    });
    const ended = looking.then(
      () => undefined,
      () => undefined,
    );
    this.#lastLooks.set(id, ended);
    void ended.then(() => {
      if (this.#lastLooks.get(id) === ended) this.#lastLooks.delete(id);
    });
    return orAborted(looking, signal);
  }
}
