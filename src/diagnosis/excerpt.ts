import { redactName } from '../endpoints/headers.js';
import { parseJson } from '../hardening/prototype-pollution.js';

/** Shortens the body of an error to one line that can be shown, without markup and without any value of the headers. */
export function excerptOf(text: string, headers: Record<string, string>): string {
  let excerpt = messageOf(text);
  for (const secret of secretsOf(headers)) excerpt = excerpt.replaceAll(secret, '…');
  return excerpt.replace(/\s+/g, ' ').trim().slice(0, 150);
}

/**
 * Lists what must not be shown, the longest first: header values, names that may be secrets, and parts of both that a
 * server may repeat, such as the token in `Bearer token`.
 */
function secretsOf(headers: Record<string, string>): string[] {
  const hidden = Object.keys(headers).filter((name) => redactName(name) !== name);
  const values = [...Object.values(headers), ...hidden];
  const parts = values
    .flatMap((value) => value.split(/[\s,;=:"]+/))
    .filter((part) => part.length > 7);
  return [...values, ...parts].filter(Boolean).sort((a, b) => b.length - a.length);
}

function messageOf(text: string): string {
  try {
    const { message, error, detail, title } = parseJson(text) as Record<string, unknown>;
    return [message, error, detail, title].find((part) => typeof part === 'string') ?? '';
  } catch {
    return text.replace(/<(style|script)[^]*?<\/\1>|<[^>]*>/gi, ' ');
  }
}
