import { PicaError } from '../errors.js';
import { baseAddress } from '../hardening/safe-document.js';

/** Where AuthKit's page is, in full, or what is wrong with that. */
export function resolveBaseUrl(baseUrl: string): URL | PicaError {
  try {
    const url = new URL(baseUrl, baseAddress());
    // AuthKit writes its own query behind the address.
    if (/^https?:$/.test(url.protocol) && !url.search && !url.hash) return url;
  } catch {
    // Refused below, like every other address that is none.
  }
  return new PicaError('authkit-unreachable', `base-url is not AuthKit's address: "${baseUrl}".`, {
    hint: "Leave base-url out to use Pica's own AuthKit, or give a full http(s) address without ? and #.",
  });
}
