import { PicaError } from '../errors.js';

/**
 * The full address of the host's token endpoint. AuthKit's page, on another origin, is the one that
 * requests it, so a relative address would mean a path of its own: it is resolved here.
 * @throws {PicaError} `token-url-missing`, `token-url-invalid`
 */
export function resolveTokenUrl(value: string | null | undefined): string {
  const text = typeof value === 'string' ? value.trim() : '';
  if (text === '') {
    throw new PicaError('token-url-missing', 'There is no token-url.', {
      hint: 'Add token-url with the address of your token endpoint, for example token-url="https://example.com/api/authkit/token".',
    });
  }
  const url = toUrl(text);
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw invalid(`token-url is not a web address: "${text.slice(0, 200)}".`);
  }
  if (url.username || url.password) {
    throw invalid('token-url holds a user name or password, and browsers refuse such addresses.');
  }
  return url.href;
}

function toUrl(text: string): URL | undefined {
  try {
    return new URL(text, document.baseURI);
  } catch {
    return undefined;
  }
}

function invalid(message: string): PicaError {
  return new PicaError('token-url-invalid', message, {
    hint: 'Give token-url as a full address that begins with https:// (or http:// on your own machine).',
  });
}
