import { PicaError } from '../errors.js';
import { baseAddress } from '../hardening/safe-document.js';

/** An address as the host wrote it, read relative to the page; undefined for what is none. */
export function toUrl(text: string): URL | undefined {
  const base = baseAddress();
  return URL.canParse(text, base) ? new URL(text, base) : undefined;
}

/**
 * @param attribute where the address comes from, for the error.
 * @throws {PicaError} `load-failed` for what is no address.
 */
export function resolveUrl(attribute: string, text: string): URL {
  const url = toUrl(text);
  if (url) return url;
  throw new PicaError(
    'load-failed',
    `${attribute} is not a web address: "${text.slice(0, 200)}".`,
    { hint: `Give ${attribute} as a full address, or as one that is relative to the page.` },
  );
}
