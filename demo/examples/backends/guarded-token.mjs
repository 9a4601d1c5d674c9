import { AsyncLocalStorage } from 'node:async_hooks';
import { createRequire } from 'node:module';
import { AuthKitToken } from '@picahq/authkit-token';
import { identityType, PicaError, errorFor } from './pica.mjs';

const { PICA_SECRET_KEY, PICA_API } = process.env;

// Take the package's own axios: your app may have another copy.
const require = createRequire(import.meta.url);
const axios = createRequire(require.resolve('@picahq/authkit-token'))('axios');
const hasSecret = (config) => Boolean(config?.headers?.['X-Pica-Secret']);

/** The token that a request belongs to. Needed because the package passes on neither signals nor errors. */
const currentToken = new AsyncLocalStorage();

axios.interceptors.request.use((config) => {
  if (!hasSecret(config)) return config;
  // The package would request as many pages as Pica claims to have.
  if (/[?&]page=(?!1?\d\b|20\b)/.test(axios.getUri(config))) throw new Error('Too many pages.');
  // A redirect would send the secret key to another server.
  return { ...config, maxRedirects: 0, signal: currentToken.getStore()?.timeoutSignal };
});
axios.interceptors.response.use(undefined, (error) => {
  if (!hasSecret(error.config)) throw error;
  const token = currentToken.getStore();
  const { status, headers } = error.response ?? {};
  const failure = token?.timeoutSignal.aborted
    ? new PicaError('Pica did not answer in time.', 504, '10')
    : errorFor(status, headers?.['retry-after']);
  if (token) token.error = failure;
  // The package prints what it catches. Unlike axios's error, this one doesn't contain the secret key.
  throw failure;
});

/** Creates the token that AuthKit opens with, for one user. */
export async function createToken(identity) {
  const pica = new AuthKitToken(PICA_SECRET_KEY, { baseUrl: PICA_API || 'https://api.picaos.com' });
  const token = { timeoutSignal: AbortSignal.timeout(10_000) };
  // The package doesn't throw. With a wrong key or without a network, it returns no token.
  const created = await currentToken.run(token, () => pica.create({ identity, identityType }));
  if (token.error) throw token.error;
  if (!created?.rows?.every((row) => row?.title)) throw new PicaError('Pica returned no token.');
  return created;
}
