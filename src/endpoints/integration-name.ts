import type { TokenRow } from './token.js';

/**
 * Finds the name by which AuthKit knows an integration. AuthKit accepts only the exact title or the id of the definition;
 * this also accepts the id of the platform and other spellings of the title.
 * @returns undefined if there is no such integration.
 */
export function findIntegrationName(rows: readonly TokenRow[], name: string): string | undefined {
  const active = rows.filter((row) => row.active !== false);
  if (active.some(({ title, connectionDefId }) => title === name || connectionDefId === name)) {
    return name;
  }
  const wanted = simplifyName(name);
  return active.find(({ title, type, platform, key, connectionDefId }) =>
    [title, platform, key, type, textOf(connectionDefId).replace(/^.*::/, '')].some(
      (other) => wanted !== '' && simplifyName(other) === wanted,
    ),
  )?.title;
}

/** Reduces a name to what its spellings have in common. */
export function simplifyName(name: unknown): string {
  return textOf(name)
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '');
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
