import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { VaultRow, VaultStorage } from './vault.js';

/**
 * Stores a vault in a file. Pica's vault is permanent, so a demo that is restarted must still have all of its
 * connections.
 */
export class VaultFile implements VaultStorage {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** Returns no rows if the file is missing or cannot be read. That is acceptable in a sandbox. */
  read(): VaultRow[] {
    try {
      return JSON.parse(readFileSync(this.#path, 'utf8')) as VaultRow[];
    } catch {
      return [];
    }
  }

  /** Writes synchronously and replaces the file in one step: the process may be killed at any time. */
  write(rows: readonly VaultRow[]): void {
    mkdirSync(dirname(this.#path), { recursive: true });
    writeFileSync(`${this.#path}.new`, JSON.stringify(rows));
    renameSync(`${this.#path}.new`, this.#path);
  }
}
