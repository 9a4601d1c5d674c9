import { createRequire } from 'node:module';
import { AuthKitToken } from '@picahq/authkit-token';
import type { Owner } from '../owner.js';
import { isGuarded, withSecretFreeConsole } from './secret-free-console.js';

/** As much of axios as is used here. */
interface Axios {
  interceptors: { request: { use(change: (config: object) => object): void } };
}

/**
 * `@picahq/authkit-token` 1.0.4 has axios follow redirects, up to 21 of them, with the secret key in the header: it
 * goes to whatever origin Pica's address, or a proxy before it, names. This is the axios that the package requires,
 * and only the package's own requests are changed, not those of anybody else who has the same copy. Nor does the
 * package end a request that Pica does not answer.
 */
const timeoutMs = 10_000;
const require = createRequire(import.meta.url);
const axios = createRequire(require.resolve('@picahq/authkit-token'))('axios') as Axios;
axios.interceptors.request.use((config) =>
  isGuarded() ? { ...config, maxRedirects: 0, timeout: timeoutMs } : config,
);

/** What the package answers, with what it prints free of the key, and the key sent to Pica alone. */
export function createAuthKitToken(
  secret: string,
  baseUrl: string,
  owner: Owner,
): Promise<unknown> {
  return withSecretFreeConsole(secret, async (): Promise<unknown> =>
    new AuthKitToken(secret, { baseUrl }).create(owner),
  );
}
