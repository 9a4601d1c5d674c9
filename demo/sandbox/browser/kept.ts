import { createStore, entries, setMany, clear } from 'idb-keyval';
import type { VaultKeeper, VaultRow } from '../vault.js';
import type { StoredConnection } from './host.js';

const store = createStore('pica-connect-sandbox', 'kept');

/**
 * What outlives the worker. Browsers end a worker that has had nothing to do for half a minute, and start it
 * anew with the next request; what the user has connected by then must still be there.
 */
export class Kept implements VaultKeeper {
  #vault: VaultRow[] = [];
  #connections: StoredConnection[] = [];
  #written: Promise<void> = Promise.resolve();

  /** Reads it all. A browser that keeps nothing (some do not in private windows) begins with nothing. */
  async load(): Promise<void> {
    const kept = new Map(await entries<string, unknown[]>(store).catch(() => []));
    this.#vault = (kept.get('vault') ?? []) as VaultRow[];
    this.#connections = (kept.get('connections') ?? []) as StoredConnection[];
  }

  read(): VaultRow[] {
    return this.#vault;
  }

  write(rows: readonly VaultRow[]): void {
    this.#vault = [...rows];
    this.#keep();
  }

  /** What the host has stored, in the order in which it was. */
  get connections(): readonly StoredConnection[] {
    return this.#connections;
  }

  set connections(rows: readonly StoredConnection[]) {
    this.#connections = [...rows];
    this.#keep();
  }

  /** Settles when all that was changed so far is kept. */
  get written(): Promise<void> {
    return this.#written;
  }

  #keep(): void {
    this.#written = setMany(
      [
        ['vault', this.#vault],
        ['connections', this.#connections],
      ],
      store,
    ).catch(() => clear(store).catch(() => {}));
  }
}
