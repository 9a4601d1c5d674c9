import { PicaError } from '../errors.js';
import { baseAddress } from '../hardening/safe-document.js';

/** Parses a URL as the host wrote it, relative to the page. Returns undefined for an invalid one. */
export function toUrl(text: string): URL | undefined {
  const base = baseAddress();
  return URL.canParse(text, base) ? new URL(text, base) : undefined;
}

/**
 * @param attribute the attribute with the URL, for the error.
 * @throws {PicaError} `load-failed` for an invalid URL.
 */
export function resolveUrl(attribute: string, text: string): URL {
  const url = toUrl(text);
  if (url) return url;
  throw urlInvalid(attribute, text.slice(0, 200));
}

export function urlInvalid(attribute: string, text: string): PicaError {
  return new PicaError('load-failed', `${attribute} is not a URL: "${text}".`, {
    hint: `Set ${attribute} to a full URL, or to one that is relative to the page.`,
  });
}
