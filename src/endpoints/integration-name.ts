import type { TokenRow } from './token.js';

/**
 * The name by which AuthKit knows an integration: it compares with the title or the definition's id, letter
 * for letter. A platform's id and other spellings of the title are understood here; undefined for what is none.
 */
export function findIntegrationName(rows: readonly TokenRow[], name: string): string | undefined {
  const active = rows.filter((row) => row.active !== false);
  if (active.some(({ title, connectionDefId }) => title === name || connectionDefId === name)) {
    return name;
  }
  const wanted = lettersOf(name);
  return active.find(({ title, type, platform, key, connectionDefId }) =>
    [title, platform, key, type, textOf(connectionDefId).replace(/^.*::/, '')].some(
      (other) => wanted !== '' && lettersOf(other) === wanted,
    ),
  )?.title;
}

/** What two spellings of a name have in common. */
export function lettersOf(name: unknown): string {
  return textOf(name)
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '');
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
