import { dictionary } from '../hardening/prototype-pollution.js';
import { errorStatus, redirected, timedOut, unreachable, webPage } from './request-failures.js';

/** Limits each request to the host, and each call of a function that returns headers. */
export const timeoutMs = 20_000;

/** The time limit, for error messages. */
export const withinTimeout = `within ${timeoutMs / 1000} seconds`;

/** Why a request failed. */
export interface Failure {
  /** Completes the sentence that an error's message begins. */
  what: string;
  hint: string;
  /** Whether the same request may work later. */
  isTemporary?: boolean;
  /** From `Retry-After`. */
  retryAfterMs?: number;
  cause?: unknown;
}

interface Answer {
  /** Undefined if no answer came. */
  status?: number;
  /** The body of a success. */
  text: string;
  failure?: Failure;
}

/**
 * Sends a request to one of the host's endpoints. A 2xx that isn't a web page is a success: login pages and single-page
 * apps answer 200 to everything.
 * @param attribute the attribute with the URL, for the error.
 * @param signal cancels the request.
 * @throws only the reason of `signal`, when it is aborted.
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
  const failed = (failure: Failure, more?: Partial<Failure>): Answer =>
    dictionary({ status, text: '', failure: dictionary({ ...failure, ...more }) });
  try {
    const response = await fetch(
      url,
      dictionary<RequestInit>({ redirect: 'manual', ...init, signal: abort.signal }),
    );
    ({ status } = response);
    if (response.type === 'opaqueredirect') {
      return failed(redirected(method, attribute));
    }
    if (!response.ok) {
      return failed(errorStatus(status, method, attribute), {
        isTemporary: status === 408 || status === 429 || status >= 500,
        retryAfterMs: retryAfterMs(response),
      });
    }
    const text = await response.text();
    return text.trimStart().startsWith('<') ? failed(webPage(method, attribute)) : { status, text };
  } catch (cause) {
    signal?.throwIfAborted();
    status = undefined;
    return limit.aborted
      ? failed(timedOut(withinTimeout, method, attribute), {
          isTemporary: true,
          // WebKit's own error says only that the request was aborted.
          cause: limit.reason as unknown,
        })
      : failed(unreachable(method, attribute), { isTemporary: true, cause });
  }
}

function retryAfterMs({ headers }: Response): number {
  const after = headers.get('retry-after') ?? '';
  return (/^\d+$/.test(after) ? Number(after) * 1000 : Date.parse(after) - Date.now()) || 0;
}
