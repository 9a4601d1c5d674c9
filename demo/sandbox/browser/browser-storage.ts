import { createStore, entries, setMany, clear } from 'idb-keyval';
import type { VaultRow, VaultStorage } from '../vault.js';
import type { StoredConnection } from './host.js';

// The store's name stays 'kept': IndexedDB has it under that name in the browsers of earlier visitors.
const store = createStore('pica-connect-sandbox', 'kept');

/**
 * Stores the vault and the host's connections in IndexedDB. Browsers stop a service worker that has been idle for half
 * a minute and start it again with the next request. The user's connections must still be there then.
 */
export class BrowserStorage implements VaultStorage {
  #vault: VaultRow[] = [];
  #connections: StoredConnection[] = [];
  #writing: Promise<void> = Promise.resolve();

  /** Reads everything. Starts empty where the browser stores nothing, as some do in private windows. */
  async load(): Promise<void> {
    const stored = new Map(await entries<string, unknown[]>(store).catch(() => []));
    this.#vault = (stored.get('vault') ?? []) as VaultRow[];
    this.#connections = (stored.get('connections') ?? []) as StoredConnection[];
  }

  read(): VaultRow[] {
    return this.#vault;
  }

  write(rows: readonly VaultRow[]): void {
    this.#vault = [...rows];
    this.#save();
  }

  /** The host's connections, oldest first. */
  get connections(): readonly StoredConnection[] {
    return this.#connections;
  }

  set connections(rows: readonly StoredConnection[]) {
    this.#connections = [...rows];
    this.#save();
  }

  /** Settles when every change so far has been written. */
  flush(): Promise<void> {
    return this.#writing;
  }

  #save(): void {
    this.#writing = setMany(
      [
        ['vault', this.#vault],
        ['connections', this.#connections],
      ],
      store,
    ).catch(() => clear(store).catch(() => {}));
  }
}
