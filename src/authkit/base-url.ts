import { PicaError } from '../errors.js';
import { baseAddress } from '../hardening/safe-document.js';

/** The full URL of AuthKit's page, or an error if `baseUrl` can't be used. */
export function resolveBaseUrl(baseUrl: string): URL | PicaError {
  try {
    const url = new URL(baseUrl, baseAddress());
    // AuthKit appends a query of its own.
    if (/^https?:$/.test(url.protocol) && !url.search && !url.hash) return url;
  } catch {
    // Not a URL: refused below.
  }
  return new PicaError('authkit-unreachable', `base-url is not AuthKit's address: "${baseUrl}".`, {
    hint: "Leave base-url out to use Pica's own AuthKit, or give a full http(s) address without ? and #.",
  });
}
