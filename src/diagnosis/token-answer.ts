import type { TokenAttempt, TokenRow } from '../endpoints/token.js';
import type { Fault } from '../errors.js';
import { parseJson } from '../hardening/prototype-pollution.js';
import { parseTimestamp } from '../timestamp.js';
import { excerptOf } from './excerpt.js';
import { tokenFault } from './token-cases.js';

/** Finds the fault in an answer of the token endpoint. */
export function diagnoseAnswer(response: Response, attempt: TokenAttempt): Fault {
  const { headers, authkitOrigin, text, cause } = attempt;
  if (response.type === 'opaqueredirect') return tokenFault('token-endpoint-cors', 'redirect');
  if (!response.ok) return diagnoseStatus(response.status, text, headers);
  if (cause !== undefined) return tokenFault('token-response-invalid', 'broken');
  return diagnoseBody(text, headers) ?? diagnoseCors(response.headers, authkitOrigin);
}

/** @param sent the headers that the page sent. Their values are never shown. */
export function diagnoseStatus(status: number, text: string, sent: Record<string, string>): Fault {
  if (status === 405) return tokenFault('token-endpoint-method', 'post');
  const start = excerptOf(text, sent);
  const excerpt = start && `: ${start}`;
  return tokenFault('token-endpoint-status', statusCase(status), {
    status: String(status),
    excerpt,
  });
}

function statusCase(status: number) {
  switch (status) {
    case 401:
      return 'unknown';
    case 403:
      return 'forbidden';
    case 404:
      return 'missing';
    case 429:
      return 'often';
    default:
      return status >= 500 ? 'failed' : 'other';
  }
}

function diagnoseCors(headers: Headers, origin: string): Fault {
  const allowed = headers.get('access-control-allow-origin') ?? 'nobody';
  return allowed === '*'
    ? tokenFault('token-endpoint-cors', 'credentials')
    : tokenFault('token-endpoint-cors', 'other', { allowed, origin });
}

/** Finds the fault in the body of an answer. Returns undefined if it is a token. */
export function diagnoseBody(text: string, sent: Record<string, string>): Fault | undefined {
  if (text.trim() === '') return tokenFault('token-response-invalid', 'empty');
  let body: unknown;
  try {
    body = parseJson(text);
  } catch {
    return tokenFault('token-response-invalid', /^\s*</.test(text) ? 'page' : 'text');
  }
  if (body === null) return tokenFault('token-response-invalid', 'null');
  if (typeof body !== 'object' || Array.isArray(body)) {
    return tokenFault('token-response-invalid', 'shape');
  }
  if (isToken(body)) return diagnoseToken(body);
  const wrapper = Object.entries(body).find(([, value]) => isToken(unwrapped(value)))?.[0];
  return wrapper === undefined
    ? diagnosePicaError(body as Record<string, unknown>, sent)
    : tokenFault('token-response-invalid', 'wrapped', { name: wrapper });
}

/** `AuthKitToken` never throws, so an endpoint that doesn't check its result answers 200 with Pica's error. */
function diagnosePicaError(
  { type, code, message, error }: Record<string, unknown>,
  sent: Record<string, string>,
): Fault {
  const parts = [type, code, message, error].filter((part) => /string|number/.test(typeof part));
  const excerpt = excerptOf(parts.join(': '), sent);
  if (!excerpt) return tokenFault('token-response-invalid', 'other');
  const isKey = /unauthori[sz]ed|forbidden|invalid.{0,9}key|\b40[13]\b/i.test(excerpt);
  return tokenFault('token-response-invalid', isKey ? 'key' : 'error', { excerpt });
}

interface Token {
  rows?: readonly TokenRow[];
  token?: unknown;
  expiresAt?: unknown;
}

function isToken(value: unknown): value is Token {
  if (typeof value !== 'object' || value === null) return false;
  const { rows, token } = value as Token;
  return Array.isArray(rows) || (typeof token === 'string' && Object.hasOwn(value, 'expiresAt'));
}

function diagnoseToken({ rows, expiresAt }: Token): Fault | undefined {
  if (rows) {
    const isUsable = rows.some((row: TokenRow | null) => row && row.active !== false);
    return isUsable ? undefined : tokenFault('token-response-invalid', 'none');
  }
  const isFresh = parseTimestamp(expiresAt) > Date.now();
  return isFresh ? undefined : tokenFault('token-response-invalid', 'expired');
}

function unwrapped(value: unknown): unknown {
  try {
    return typeof value === 'string' ? parseJson(value) : value;
  } catch {
    return undefined;
  }
}
