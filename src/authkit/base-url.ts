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
  return baseUrlInvalid(baseUrl);
}

export function baseUrlInvalid(baseUrl: string): PicaError {
  return new PicaError('authkit-unreachable', `base-url is not a URL of AuthKit: "${baseUrl}".`, {
    hint: "Remove base-url to use Pica's own AuthKit, or set it to a full http(s) URL without ? and #.",
  });
}
