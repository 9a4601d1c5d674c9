import { Problem } from '../problem.js';

/** The default, if Pica doesn't say when to try again. */
const usualRetryAfterSeconds = 5;

/** A `Retry-After` of next year must not stop the backend until then. */
const maxRetryAfterSeconds = 3600;

const tryAgain = 'Try again in a few seconds.';

/**
 * Parses Pica's `Retry-After`.
 *
 * @param header seconds, or a date
 * @returns whole seconds, from one to an hour
 */
export function parseRetryAfter(header: string | null | undefined): number {
  const text = header?.trim() ?? '';
  const seconds = /^\d+$/.test(text) ? Number(text) : (Date.parse(text) - Date.now()) / 1000;
  if (Number.isNaN(seconds)) return usualRetryAfterSeconds;
  return Math.min(Math.max(Math.ceil(seconds), 1), maxRetryAfterSeconds);
}

export interface PicaFailure {
  status: number;
  retryAfterSeconds: number;
}

/** The error for one of Pica's error statuses. */
export function refusal({ status, retryAfterSeconds }: PicaFailure): Problem {
  if (status === 401 || status === 403) return keyRefused(`status ${status}`);
  if (status === 429) return rateLimited(retryAfterSeconds);
  const answered = `Pica answered with status ${status}.`;
  return isBusy(status)
    ? new Problem(502, 'pica-error', answered, tryAgain, retryAfterSeconds)
    : new Problem(502, 'pica-refused', answered);
}

/** Whether the same request may succeed later. */
export const isBusy = (status: number): boolean =>
  status >= 500 || status === 408 || status === 429;

/** Whether Pica may have carried out the request even though it failed for us. */
export const isUncertain = (error: unknown): boolean =>
  !(error instanceof Problem) ||
  ['pica-timeout', 'pica-unreachable', 'pica-error'].includes(error.code);

export function rateLimited(retryAfterSeconds: number): Problem {
  return new Problem(
    429,
    'pica-rate-limited',
    'Pica has received too many requests.',
    'Try again later.',
    retryAfterSeconds,
  );
}

export function keyRefused(reason: string): Problem {
  return new Problem(
    502,
    'pica-unauthorized',
    `Pica refused the host's secret key (${reason}).`,
    'Set PICA_SECRET_KEY to a key from the API keys page of app.picaos.com.',
  );
}

export function unreachable(hint = tryAgain): Problem {
  const message = 'Pica could not be reached.';
  return new Problem(502, 'pica-unreachable', message, hint, usualRetryAfterSeconds);
}

export function tooSlow(): Problem {
  return new Problem(
    504,
    'pica-timeout',
    'Pica took too long to answer.',
    'Try again. If it keeps happening, check the network between the host and Pica.',
    usualRetryAfterSeconds,
  );
}

/** The error for a request to Pica whose signal is aborted. If its time was up, Pica was too slow. */
export function abortedRequestError({ reason }: AbortSignal): Error {
  return reason instanceof Problem || !(reason instanceof Error) ? tooSlow() : reason;
}
