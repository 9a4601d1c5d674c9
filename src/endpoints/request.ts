import { dictionary } from '../hardening/own.js';
import { signedOutHint, statusHint } from './status-hint.js';

/** For each answer of the host, and for the page's function that returns a request's headers. */
export const timeoutMs = 20_000;

/** For error messages. */
export const inTime = `within ${timeoutMs / 1000} seconds`;

/** Why a request failed. */
export interface Failure {
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
 * @param attribute the attribute that has the address, for the error.
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
          `Find out why your server takes so long to answer ${method}.`,
          // WebKit's own error says only that the request was aborted.
          { isTemporary: true, cause: limit.reason as unknown },
        )
      : failed(
          'could not be reached',
          `Check the address in ${attribute}, and that the server runs. On another origin, it must answer OPTIONS and ${method} with CORS headers.`,
          { isTemporary: true, cause },
        );
  }
}

function retryAfterMs({ headers }: Response): number {
  const after = headers.get('retry-after') ?? '';
  return (/^\d+$/.test(after) ? Number(after) * 1000 : Date.parse(after) - Date.now()) || 0;
}
