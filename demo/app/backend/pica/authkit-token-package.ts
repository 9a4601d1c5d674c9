import { AsyncLocalStorage } from 'node:async_hooks';
import { createRequire } from 'node:module';
import { AuthKitToken } from '@picahq/authkit-token';
import type { Owner } from '../owner.js';
import { parseRetryAfter, type PicaFailure } from './problems.js';
import { withSecretFreeConsole } from './secret-free-console.js';

interface AxiosConfig {
  url?: string;
}

interface AxiosError {
  code?: string;
  config?: AxiosConfig;
  response?: { status: number; headers: Record<string, unknown> };
}

/** The part of axios that is used here. */
interface Axios {
  interceptors: {
    request: { use(change: (config: AxiosConfig) => AxiosConfig): void };
    response: {
      use(
        onAnswer: (answer: { data: unknown }) => object,
        onFailure: (error: AxiosError) => never,
      ): void;
    };
  };
}

interface Exchange {
  signal: AbortSignal | undefined;
  failure?: PicaFailure | 'timeout' | 'too-many-pages' | undefined;
}

/** Tells the package's requests apart from others that use the same copy of axios. */
const exchanges = new AsyncLocalStorage<Exchange>();

/** The time limit for each of the package's requests. */
const timeoutMs = 10_000;

/** Enough for ten thousand integrations. The package itself requests as many pages as Pica claims to have. */
const maxPages = 100;

/**
 * Patches the axios that `@picahq/authkit-token` 1.0.4 requires. The package lets axios follow up to 21 redirects, to
 * any origin, with the secret key in the header. It waits forever if Pica doesn't answer, and it loses the status and
 * headers of a failed request.
 */
const require = createRequire(import.meta.url);
const axios = createRequire(require.resolve('@picahq/authkit-token'))('axios') as Axios;
axios.interceptors.request.use((config) => {
  const exchange = exchanges.getStore();
  if (!exchange) return config;
  const { signal, failure } = exchange;
  // The package repeats failed requests at once, even after a 429.
  if (typeof failure === 'object' && failure.status === 429) throw new Error('Asked too often.');
  return { ...config, maxRedirects: 0, timeout: timeoutMs, ...(signal && { signal }) };
});
axios.interceptors.response.use(
  (answer) => {
    const exchange = exchanges.getStore();
    const { pages } = (answer.data ?? {}) as { pages?: unknown };
    if (exchange && Number(pages) > maxPages) {
      exchange.failure = 'too-many-pages';
      throw new Error('Too many pages.');
    }
    return answer;
  },
  (error) => {
    const exchange = exchanges.getStore();
    // The package's other request, for the white-label flag, may fail.
    if (exchange && /\/v1\/authkit\b/.test(error.config?.url ?? '')) {
      exchange.failure = failureOf(error);
    }
    throw error as Error;
  },
);

function failureOf({ code, response }: AxiosError): Exchange['failure'] {
  if (!response) return code === 'ECONNABORTED' ? 'timeout' : undefined;
  const { status, headers } = response;
  return { status, retryAfterSeconds: parseRetryAfter(String(headers['retry-after'])) };
}

export interface TokenAnswer {
  /** The package's result. It never throws: after a failure, this is Pica's error body, or undefined. */
  answer: unknown;
  /** The last failure of a request, if any. */
  failure: Exchange['failure'];
}

/**
 * Calls the package. Keeps the key out of everything that it prints, and sends it only to Pica.
 *
 * @param signal cancels the work
 */
export async function createAuthKitToken(
  secret: string,
  baseUrl: string,
  owner: Owner,
  signal?: AbortSignal,
): Promise<TokenAnswer> {
  const exchange: Exchange = { signal };
  const answer = await exchanges.run(exchange, () =>
    withSecretFreeConsole(secret, async (): Promise<unknown> =>
      new AuthKitToken(secret, { baseUrl }).create(owner),
    ),
  );
  return { answer, failure: exchange.failure };
}
