import { createRequire } from 'node:module';
import { AuthKitToken } from '@picahq/authkit-token';

const { PICA_SECRET_KEY, PICA_API } = process.env;

// The axios that the package has, which need not be the one that you have.
const require = createRequire(import.meta.url);
const axios = createRequire(require.resolve('@picahq/authkit-token'))('axios');
const hasSecret = (config) => Boolean(config?.headers?.['X-Pica-Secret']);

axios.interceptors.request.use((config) => {
  if (!hasSecret(config)) return config;
  // The package asks for as many pages as Pica says that there are.
  if (/[?&]page=(?!1?\d\b|20\b)/.test(axios.getUri(config))) throw new Error('Too many pages.');
  // The secret key would follow a redirect.
  return { ...config, maxRedirects: 0, timeout: 10_000 };
});
axios.interceptors.response.use(undefined, (error) => {
  if (!hasSecret(error.config)) throw error;
  // The package prints what it catches, and the secret key is in axios's error, but not in this one.
  throw new Error(`Pica answered ${error.response?.status ?? error.code}.`);
});

/** What AuthKit opens with, for one user. */
export async function createToken(identity) {
  const pica = new AuthKitToken(PICA_SECRET_KEY, { baseUrl: PICA_API || 'https://api.picaos.com' });
  // It throws nothing: with a wrong key or without a network there is nothing in it.
  const token = await pica.create({ identity, identityType: 'user' });
  if (!token?.rows?.every((row) => row?.title)) throw new Error('Pica gave no token.');
  return token;
}
