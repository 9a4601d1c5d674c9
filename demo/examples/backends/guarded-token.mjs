import { AsyncLocalStorage } from 'node:async_hooks';
import { createRequire } from 'node:module';
import { AuthKitToken } from '@picahq/authkit-token';
import { identityType, PicaError, refusalOf } from './pica.mjs';

const { PICA_SECRET_KEY, PICA_API } = process.env;

// The package's own axios, which may not be your copy.
const require = createRequire(import.meta.url);
const axios = createRequire(require.resolve('@picahq/authkit-token'))('axios');
const hasSecret = (config) => Boolean(config?.headers?.['X-Pica-Secret']);

/** Which token a request is for: the package passes on neither time limits nor errors. */
const tokens = new AsyncLocalStorage();

axios.interceptors.request.use((config) => {
  if (!hasSecret(config)) return config;
  // The package requests as many pages as Pica says there are.
  if (/[?&]page=(?!1?\d\b|20\b)/.test(axios.getUri(config))) throw new Error('Too many pages.');
  // A redirect would send the secret key to another server.
  return { ...config, maxRedirects: 0, signal: tokens.getStore()?.timeLimit };
});
axios.interceptors.response.use(undefined, (error) => {
  if (!hasSecret(error.config)) throw error;
  const token = tokens.getStore();
  const { status, headers } = error.response ?? {};
  const refusal = token?.timeLimit.aborted
    ? new PicaError('Pica did not answer in time.', 504, '10')
    : refusalOf(status, headers?.['retry-after']);
  if (token) token.refusal = refusal;
  // The package prints what it catches. axios's error contains the secret key; this one doesn't.
  throw refusal;
});

/** What AuthKit opens with, for one user. */
export async function createToken(identity) {
  const pica = new AuthKitToken(PICA_SECRET_KEY, { baseUrl: PICA_API || 'https://api.picaos.com' });
  const token = { timeLimit: AbortSignal.timeout(10_000) };
  // It never throws: with a wrong key or no network, it returns no token.
  const created = await tokens.run(token, () => pica.create({ identity, identityType }));
  if (token.refusal) throw token.refusal;
  if (!created?.rows?.every((row) => row?.title)) throw new PicaError('Pica gave no token.');
  return created;
}
