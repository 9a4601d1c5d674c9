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

/** As much of axios as is used here. */
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

/** Tells the package's own requests from those of anybody else who has the same copy of axios. */
const exchanges = new AsyncLocalStorage<Exchange>();

/** For each of the package's requests. */
const timeoutMs = 10_000;

/** Ten thousand integrations. The package asks for as many pages as Pica says that there are. */
const maxPages = 100;

/**
 * `@picahq/authkit-token` 1.0.4 has axios follow redirects, up to 21 of them, with the secret key in the header: it
 * goes to whatever origin Pica's address, or a proxy before it, names. It does not end a request that Pica does not
 * answer, and of a failed one it keeps neither the status nor the headers. This is the axios that the package requires.
 */
const require = createRequire(import.meta.url);
const axios = createRequire(require.resolve('@picahq/authkit-token'))('axios') as Axios;
axios.interceptors.request.use((config) => {
  const exchange = exchanges.getStore();
  if (!exchange) return config;
  const { signal, failure } = exchange;
  // The package repeats what fails, at once.
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
    // The package can do without the other one that it asks, for the white-label flag.
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
  /** What the package answers, which throws nothing: Pica's error body, say, or nothing. */
  answer: unknown;
  /** The last failure on the way to it, where there was one. */
  failure: Exchange['failure'];
}

/**
 * Asks the package, with what it prints free of the key, and the key sent to Pica alone.
 *
 * @param signal gives up
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
