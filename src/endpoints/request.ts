import { dictionary } from '../own.js';
import { signedOutHint, statusHint } from './status-hint.js';

/** How long the host may take for one answer, and the page for the headers of one request. */
export const timeoutMs = 20_000;

/** For errors: after what time it was given up. */
export const inTime = `within ${timeoutMs / 1000} seconds`;

/** Why the host has not done what it was asked. */
export interface Failure {
  what: string;
  hint: string;
  /** Whether the same request may work later. */
  isTemporary?: boolean;
  /** How long the server wants to be left alone. */
  retryAfterMs?: number;
  cause?: unknown;
}

interface Answer {
  /** Undefined where there is none. */
  status?: number;
  /** The body of a success. */
  text: string;
  failure?: Failure;
}

/**
 * Asks one of the host's endpoints. A success is a 2xx that is no web page: login pages and single-page apps answer
 * 200 to everything.
 * @param attribute where the address comes from, for the error.
 * @param signal gives the request up.
 * @throws what `signal` was aborted with, and nothing else.
 */
export async function request(
  attribute: string,
  url: URL,
  init: RequestInit & { method: string },
  signal?: AbortSignal,
): Promise<Answer> {
  signal?.throwIfAborted();
  const { method } = init;
  const limit = AbortSignal.timeout(timeoutMs);
  const abort = new AbortController();
  for (const one of [limit, signal]) {
    one?.addEventListener('abort', () => {
      abort.abort(one.reason);
    });
  }
  let status: number | undefined;
  const failed = (what: string, hint: string, more?: Partial<Failure>): Answer =>
    dictionary({
      status,
      text: '',
      failure: dictionary({ what: `${attribute} ${what}.`, hint, ...more }),
    });
  try {
    const response = await fetch(
      url,
      dictionary<RequestInit>({ redirect: 'manual', ...init, signal: abort.signal }),
    );
    ({ status } = response);
    if (response.type === 'opaqueredirect') {
      return failed('answered with a redirect', signedOutHint(method, attribute));
    }
    if (!response.ok) {
      return failed(`answered ${status}`, statusHint(status, method, attribute), {
        isTemporary: status === 408 || status === 429 || status >= 500,
        retryAfterMs: retryAfterMs(response),
      });
    }
    const text = await response.text();
    return text.trimStart().startsWith('<')
      ? failed('answered with a web page', signedOutHint(method, attribute))
      : { status, text };
  } catch (cause) {
    signal?.throwIfAborted();
    status = undefined;
    return limit.aborted
      ? failed(
          `did not answer ${inTime}`,
          `Find out what your server waits for when it is sent ${method}.`,
          // WebKit says only that it was aborted.
          { isTemporary: true, cause: limit.reason as unknown },
        )
      : failed(
          'could not be reached',
          `Check the address in ${attribute}, that the server runs, and, when it is on another origin, that it answers OPTIONS and ${method} with CORS headers.`,
          { isTemporary: true, cause },
        );
  }
}

function retryAfterMs({ headers }: Response): number {
  const after = headers.get('retry-after') ?? '';
  return (/^\d+$/.test(after) ? Number(after) * 1000 : Date.parse(after) - Date.now()) || 0;
}
