import type { ZodType } from 'zod';
import { Problem } from '../problem.js';
import { withTimeLimit } from '../time-limit.js';
import { observeRequest, operationOf } from './request-observer.js';
import { withAcceptedSecret, type PicaAccess } from './access.js';
import { abortedRequestError, parseRetryAfter, refusal, tooSlow, unreachable } from './problems.js';

export interface PicaRequest {
  method?: 'GET' | 'POST' | 'DELETE';
  /** Starts with a slash. May have a query. */
  path: string;
  headers?: Record<string, string>;
  /** Sent as JSON. */
  body?: unknown;
  /** Default: 5000. */
  timeoutMs?: number;
  /** Cancels the work. */
  signal?: AbortSignal | undefined;
}

export interface PicaAnswer {
  status: number;
  ok: boolean;
  /** When to repeat the request, if the status means that this can help. */
  retryAfterSeconds: number;
  /** Undefined if it isn't JSON. */
  body: unknown;
}

/**
 * Sends a request to the Pica API.
 *
 * @throws Problem `pica-unreachable` or `pica-timeout`. A status never throws.
 * @throws the signal's reason, unless that is a time limit
 */
export function requestPica(pica: PicaAccess, request: PicaRequest): Promise<PicaAnswer> {
  const ask = () =>
    withAcceptedSecret(
      pica,
      (secret) => requestWithSecret(secret, pica.api, request),
      ({ status }) => status === 401,
    );
  const { method = 'GET', path, signal } = request;
  return observeRequest(pica, operationOf(method, path), ask, ({ status }) => status, signal);
}

function requestWithSecret(
  secret: string,
  api: string,
  { method = 'GET', path, headers, body, timeoutMs = 5000, signal }: PicaRequest,
): Promise<PicaAnswer> {
  return withTimeLimit(timeoutMs, tooSlow(), [signal], async (limited) => {
    try {
      const response = await fetch(api + path, {
        method,
        headers: {
          ...headers,
          ...(body !== undefined && { 'content-type': 'application/json' }),
          'x-pica-secret': secret,
          // Node 20 and 22 may never finish reading a compressed response that is canceled.
          'accept-encoding': 'identity',
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        // A redirect would send the key to another server.
        redirect: 'error',
        signal: limited,
      });
      const { status, ok } = response;
      return {
        ...{ status, ok, body: parsed(await response.text()) },
        retryAfterSeconds: parseRetryAfter(response.headers.get('retry-after')),
      };
    } catch {
      // No `cause`: fetch's error may contain headers.
      throw limited.aborted ? abortedRequestError(limited) : unreachable();
    }
  });
}

/**
 * Sends a request and validates the answer.
 *
 * @throws Problem if the request fails, or if the answer is an error or doesn't match the schema
 */
export async function readFromPica<Result>(
  pica: PicaAccess,
  schema: ZodType<Result>,
  request: PicaRequest,
): Promise<Result> {
  const answer = await requestPica(pica, request);
  const { ok, body } = answer;
  if (!ok) throw refusal(answer);
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new Problem(502, 'pica-answer-invalid', 'Pica answered with something unexpected.');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
