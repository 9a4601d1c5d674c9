import type { TokenAttempt, TokenRow } from '../endpoints/token.js';
import { parseJson } from '../hardening/own.js';
import { parseTime } from '../time.js';
import { explain, type Problem } from './token-explanations.js';
import { beginningOf } from './words.js';

/** What is wrong with what the token endpoint answered. */
export function explainAnswer(response: Response, attempt: TokenAttempt): Problem {
  const { headers, authkitOrigin, text, cause } = attempt;
  if (response.type === 'opaqueredirect') return explain('token-endpoint-cors', 'redirect');
  if (!response.ok) return explainStatus(response.status, text, headers);
  if (cause !== undefined) return explain('token-response-invalid', 'broken');
  return explainBody(text, headers) ?? explainCors(response.headers, authkitOrigin);
}

/** @param sent the headers that the page sent, whose values are shown to nobody. */
export function explainStatus(status: number, text: string, sent: Record<string, string>): Problem {
  if (status === 405) return explain('token-endpoint-method', 'post');
  const beginning = beginningOf(text, sent);
  const words = beginning && `: ${beginning}`;
  return explain('token-endpoint-status', statusCase(status), { status: String(status), words });
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

function explainCors(headers: Headers, origin: string): Problem {
  const allowed = headers.get('access-control-allow-origin') ?? 'nobody';
  return allowed === '*'
    ? explain('token-endpoint-cors', 'credentials')
    : explain('token-endpoint-cors', 'other', { allowed, origin });
}

/** Nothing for a body that is a token. */
export function explainBody(text: string, sent: Record<string, string>): Problem | undefined {
  if (text.trim() === '') return explain('token-response-invalid', 'empty');
  let body: unknown;
  try {
    body = parseJson(text);
  } catch {
    return explain('token-response-invalid', /^\s*</.test(text) ? 'page' : 'text');
  }
  if (body === null) return explain('token-response-invalid', 'null');
  if (typeof body !== 'object' || Array.isArray(body)) {
    return explain('token-response-invalid', 'shape');
  }
  if (isToken(body)) return explainToken(body);
  const wrap = Object.entries(body).find(([, value]) => isToken(unwrapped(value)))?.[0];
  return wrap === undefined
    ? explainPicaError(body as Record<string, unknown>, sent)
    : explain('token-response-invalid', 'wrapped', { name: wrap });
}

/** `AuthKitToken` throws nothing: a naive endpoint answers 200 with Pica's error. */
function explainPicaError(
  { type, code, message, error }: Record<string, unknown>,
  sent: Record<string, string>,
): Problem {
  const parts = [type, code, message, error].filter((part) => /string|number/.test(typeof part));
  const words = beginningOf(parts.join(': '), sent);
  if (!words) return explain('token-response-invalid', 'other');
  const isKey = /unauthori[sz]ed|forbidden|invalid.{0,9}key|\b40[13]\b/i.test(words);
  return explain('token-response-invalid', isKey ? 'key' : 'error', { words });
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

function explainToken({ rows, expiresAt }: Token): Problem | undefined {
  if (rows) {
    const isUsable = rows.some((row: TokenRow | null) => row && row.active !== false);
    return isUsable ? undefined : explain('token-response-invalid', 'none');
  }
  const isFresh = parseTime(expiresAt) > Date.now();
  return isFresh ? undefined : explain('token-response-invalid', 'expired');
}

function unwrapped(value: unknown): unknown {
  try {
    return typeof value === 'string' ? parseJson(value) : value;
  } catch {
    return undefined;
  }
}
