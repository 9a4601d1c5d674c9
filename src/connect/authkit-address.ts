import { toUrl } from '../endpoints/url.js';
import type { ConnectOptions } from './options.js';

/** The URL of AuthKit's page. */
export function authkitAddress({ baseUrl }: Pick<ConnectOptions, 'baseUrl'>): string {
  return baseUrl ?? 'https://authkit.picaos.com';
}

export function authkitOrigin(host: Pick<ConnectOptions, 'baseUrl'>): string {
  return toUrl(authkitAddress(host))?.origin ?? '';
}
