import type { ZodType } from 'zod';
import { Problem } from '../problem.js';
import { observed, operationOf } from './observe.js';
import { withAcceptedSecret, type PicaAccess } from './access.js';

export interface PicaRequest {
  method?: 'GET' | 'POST' | 'DELETE';
  /** With its slash, and its query. */
  path: string;
  headers?: Record<string, string>;
  /** Sent as JSON. */
  body?: unknown;
  /** Milliseconds; 5000 without it. */
  timeout?: number;
  signal?: AbortSignal | undefined;
}

export interface PicaAnswer {
  status: number;
  ok: boolean;
  /** Undefined where it is not JSON. */
  body: unknown;
}

/**
 * One request to the Pica API.
 *
 * @throws Problem `pica-unreachable` or `pica-timeout`; any status is an answer
 */
export function askPica(pica: PicaAccess, request: PicaRequest): Promise<PicaAnswer> {
  const ask = () =>
    withAcceptedSecret(
      pica,
      (secret) => askWith(secret, pica.api, request),
      ({ status }) => status === 401,
    );
  const { method = 'GET', path, signal } = request;
  return observed(pica, operationOf(method, path), ask, ({ status }) => status, signal);
}

async function askWith(
  secret: string,
  api: string,
  { method = 'GET', path, headers, body, timeout = 5000, signal }: PicaRequest,
): Promise<PicaAnswer> {
  const overdue = AbortSignal.timeout(timeout);
  try {
    const response = await fetch(api + path, {
      method,
      headers: {
        ...headers,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        'x-pica-secret': secret,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      // A redirect would hand the key to wherever it leads.
      redirect: 'error',
      signal: signal ? AbortSignal.any([overdue, signal]) : overdue,
    });
    const { status, ok } = response;
    return { status, ok, body: parsed(await response.text()) };
  } catch {
    // No `cause`: what fetch throws is not known to be free of headers.
    if (overdue.aborted) {
      throw new Problem(504, 'pica-timeout', `Pica took more than ${timeout / 1000} s to answer.`);
    }
    throw new Problem(502, 'pica-unreachable', 'Pica could not be reached.');
  }
}

/**
 * Reads something from Pica.
 *
 * @throws Problem also where the answer is an error, or of another shape
 */
export async function readFromPica<Result>(
  pica: PicaAccess,
  schema: ZodType<Result>,
  request: PicaRequest,
): Promise<Result> {
  const { status, ok, body } = await askPica(pica, request);
  if (!ok) throw refusal(status);
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new Problem(502, 'pica-answer-invalid', 'Pica answered with something unexpected.');
}

/** What an error status of Pica's own means to the caller. */
export function refusal(status: number): Problem {
  const answered = `Pica answered with status ${status}.`;
  if (status === 401 || status === 403) {
    return keyRefused(`status ${status}`);
  }
  const isBusy = status >= 500 || status === 408 || status === 429;
  return new Problem(502, isBusy ? 'pica-error' : 'pica-refused', answered);
}

export function keyRefused(reason: string): Problem {
  return new Problem(
    502,
    'pica-unauthorized',
    `Pica refused the host's secret key (${reason}).`,
    'Set PICA_SECRET_KEY to a key from the API keys page of app.picaos.com.',
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
