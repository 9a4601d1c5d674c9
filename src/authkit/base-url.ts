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
  return baseUrlInvalid(baseUrl);
}

export function baseUrlInvalid(baseUrl: string): PicaError {
  return new PicaError('authkit-unreachable', `base-url is not a URL of AuthKit: "${baseUrl}".`, {
    hint: "Remove base-url to use Pica's own AuthKit, or set it to a full http(s) URL without ? and #.",
  });
}
