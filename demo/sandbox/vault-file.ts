import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { VaultKeeper, VaultRow } from './vault.js';

/**
 * Where a vault outlives its process: Pica's does, and a demo that is started again must not find that all its
 * connections have vanished.
 */
export class VaultFile implements VaultKeeper {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** Nothing where there is no such file, or none that can be read: it is a stand-in's. */
  read(): VaultRow[] {
    try {
      return JSON.parse(readFileSync(this.#path, 'utf8')) as VaultRow[];
    } catch {
      return [];
    }
  }

  /** At once, and never by halves: the process may be killed at any time. */
  write(rows: readonly VaultRow[]): void {
    mkdirSync(dirname(this.#path), { recursive: true });
    writeFileSync(`${this.#path}.new`, JSON.stringify(rows));
    renameSync(`${this.#path}.new`, this.#path);
  }
}
