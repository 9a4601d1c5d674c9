import { shownName } from '../endpoints/headers.js';
import { parseJson } from '../hardening/own.js';

/**
 * The first words of an error's body that can be shown: one line, without markup, and without what the page
 * sent as a header.
 */
export function beginningOf(text: string, headers: Record<string, string>): string {
  let words = wordsOf(text);
  for (const secret of secretsOf(headers)) words = words.replaceAll(secret, '…');
  return words.replace(/\s+/g, ' ').trim().slice(0, 150);
}

/**
 * The values, names that are no names, and the parts of each that a server may repeat alone: the token of `Bearer
 * token`. Longest first.
 */
function secretsOf(headers: Record<string, string>): string[] {
  const hidden = Object.keys(headers).filter((name) => shownName(name) !== name);
  const values = [...Object.values(headers), ...hidden];
  const parts = values
    .flatMap((value) => value.split(/[\s,;=:"]+/))
    .filter((part) => part.length > 7);
  return [...values, ...parts].filter(Boolean).sort((a, b) => b.length - a.length);
}

function wordsOf(text: string): string {
  try {
    const { message, error, detail, title } = parseJson(text) as Record<string, unknown>;
    return [message, error, detail, title].find((part) => typeof part === 'string') ?? '';
  } catch {
    return text.replace(/<(style|script)[^]*?<\/\1>|<[^>]*>/gi, ' ');
  }
}
