import { type Fault, PicaError, type PicaErrorCode } from '../errors.js';
import { dictionary, parseJson } from '../hardening/prototype-pollution.js';
import { safeDocument } from '../hardening/safe-document.js';
import { parseTimestamp } from '../timestamp.js';
import { isMixed } from './mixed-content.js';
import { timeoutMs } from './request.js';
import { toUrl } from './url.js';
import { delay } from '../delay.js';

/** An endpoint that gave a token is not asked again for this long. */
const ttlMs = 5 * 60_000;

/** An integration in a token. Its other fields are for AuthKit. */
export interface TokenRow {
  title: string;
  active?: boolean;
  [field: string]: unknown;
}

/** A request to the token endpoint, and what came back. */
export interface TokenAttempt {
  url: string;
  headers: Record<string, string>;
  /** The origin that must be allowed to read the answer. */
  authkitOrigin: string;
  /** The answer, if the page may read it. */
  response?: Response;
  /** Its body. */
  text: string;
  /** Why there is no answer. */
  cause?: unknown;
  /** Whether this page's Content-Security-Policy forbade the request. */
  isForbidden: boolean;
}

export interface TokenCheck {
  /** Why AuthKit's page won't get a token. */
  fault?: PicaError;
  /** The integrations, if the token lists them. */
  rows?: readonly TokenRow[];
  /** The answer has no CORS headers. It may still have them for AuthKit's origin. */
  lacksCors?: boolean;
}

/** Finds the fault of a request that brought no token for AuthKit's page. Rejects if its code can't be loaded. */
export type Diagnose = (attempt: TokenAttempt) => Promise<Fault>;

/** The request that is to be checked. */
export interface TokenRequest {
  url: string;
  headers: Record<string, string>;
  /** The origin that must be allowed to read the answer. */
  authkitOrigin: string;
  diagnose: Diagnose;
}

interface CacheEntry {
  check: Promise<TokenCheck>;
  /** Undefined while the check is running. */
  result?: TokenCheck;
  /** When the check began or, once there is a result, ended. */
  timestamp: number;
}

/** The checks of this page, by URL and header names. */
const cache = new Map<string, CacheEntry>();

/**
 * Resolves the URL of the host's token endpoint. AuthKit's page makes the request, and would resolve a relative URL
 * against its own origin.
 * @throws {PicaError} `token-url-missing`, `token-url-invalid`
 */
export function resolveTokenUrl(value: string | null | undefined): string {
  const text = typeof value === 'string' ? value.trim() : '';
  if (text === '') throw tokenUrlMissing();
  const url = toUrl(text);
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw tokenUrlInvalid(text.slice(0, 200));
  }
  if (url.username || url.password) throw tokenUrlHasPassword();
  return url.href;
}

/**
 * Requests a token as AuthKit's page will, and finds out what is wrong with the endpoint. A page asks once for each URL
 * and set of header names: a good answer counts for five minutes, and checks that run at the same time share a request.
 * @param isForced asks even if the endpoint is known to be fine.
 * @returns never rejects.
 */
export function checkToken(request: TokenRequest, isForced = false): Promise<TokenCheck> {
  const { url, headers } = request;
  const entry = cache.get(cacheKey(url, headers));
  if (entry && (!entry.result || (!isForced && isFresh(entry)))) return entry.check;
  const check = requestAndDiagnose(request);
  const newEntry: CacheEntry = dictionary({ check, timestamp: Date.now() });
  cache.set(cacheKey(url, headers), newEntry);
  void check.then((result) => {
    newEntry.result = result;
    newEntry.timestamp = Date.now();
  });
  return check;
}

/** Returns the result for an endpoint that is known to be fine, or undefined if it has to be asked. */
export function cachedToken(url: string, headers: Record<string, string>): TokenCheck | undefined {
  const entry = cache.get(cacheKey(url, headers));
  return entry && isFresh(entry) ? entry.result : undefined;
}

/** Checks before a click. An endpoint with a known fault is not asked again: nobody has clicked yet. */
export function prefetchToken(request: TokenRequest): Promise<TokenCheck> {
  const entry = cache.get(cacheKey(request.url, request.headers));
  return entry?.result?.fault ? entry.check : checkToken(request);
}

function isFresh({ result, timestamp }: CacheEntry): boolean {
  return result !== undefined && !result.fault && Date.now() - timestamp < ttlMs;
}

function cacheKey(url: string, headers: Record<string, string>): string {
  const names = Object.keys(headers).map((name) => name.toLowerCase());
  return [url, ...names.sort()].join('\n');
}

async function requestAndDiagnose(request: TokenRequest): Promise<TokenCheck> {
  const { diagnose, ...target } = request;
  const attempt: TokenAttempt = dictionary({ ...target, text: '', isForbidden: false });
  // AuthKit's page could not make a request of mixed content.
  if (!isMixed(attempt.url, attempt.authkitOrigin)) await send(attempt);
  const { response, text } = attempt;
  if (response?.ok && isToken(text) && mayBeRead(response.headers, attempt)) {
    const hasCors = response.headers.has('access-control-allow-origin');
    const hasVary = /origin/i.test(response.headers.get('vary') ?? '');
    const { rows: all } = parseJson(text) as { rows?: unknown };
    // AuthKit deals with invalid rows. They must not break anything here.
    const rows = Array.isArray(all) ? all.filter(isRow) : undefined;
    // From another origin the page can read the answer, so it has CORS headers even though the page can't see them.
    return dictionary({ rows, lacksCors: response.type === 'basic' && !hasCors && !hasVary });
  }
  const { code, message, hint } = await diagnose(attempt).catch(() => diagnoseBriefly(attempt));
  return dictionary({ fault: new PicaError(code, message, { hint, cause: attempt.cause }) });
}

/** Sends the same request as AuthKit's page: a POST of JSON with the host's headers, without cookies. */
async function send(attempt: TokenAttempt): Promise<void> {
  const { url, headers } = attempt;
  const onViolation = (event: SecurityPolicyViolationEvent) => {
    attempt.isForbidden ||=
      event.effectiveDirective === 'connect-src' &&
      event.disposition === 'enforce' &&
      toUrl(event.blockedURI)?.origin === new URL(url).origin;
  };
  safeDocument.addEventListener('securitypolicyviolation', onViolation);
  try {
    attempt.response = await fetch(
      url,
      dictionary<RequestInit>({
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: '{}',
        credentials: 'omit',
        cache: 'no-store',
        redirect: 'manual',
        signal: AbortSignal.timeout(timeoutMs),
      }),
    );
    attempt.text = await attempt.response.text();
  } catch (cause) {
    attempt.cause = cause;
    // Chromium and Firefox report a violation of connect-src up to 3 ms after the rejection.
    await delay(50);
  }
  safeDocument.removeEventListener('securitypolicyviolation', onViolation);
}

const isRow = (row: unknown): row is TokenRow =>
  typeof (row as Partial<TokenRow> | null)?.title === 'string';

/** Current tokens list integrations. Older ones are a string that expires. */
function isToken(text: string): boolean {
  try {
    const { rows, token, expiresAt } = parseJson(text) as Record<string, unknown>;
    return Array.isArray(rows)
      ? rows.filter(isRow).some(({ active }) => active !== false)
      : typeof token === 'string' && parseTimestamp(expiresAt) > Date.now();
  } catch {
    return false;
  }
}

/** Whether AuthKit's page may read the answer too, as far as this page can tell. */
function mayBeRead(headers: Headers, { authkitOrigin }: TokenAttempt): boolean {
  const allowed = headers.get('access-control-allow-origin');
  // The header may be missing here and present for other origins.
  return (
    [authkitOrigin, window.origin, '*', null].includes(allowed) &&
    !(allowed === '*' && headers.get('access-control-allow-credentials') === 'true')
  );
}

/** A short fault, for when the code that diagnoses can't be loaded. */
async function diagnoseBriefly({ url, response, isForbidden }: TokenAttempt): Promise<Fault> {
  const { status, ok } = response ?? { status: -1, ok: false };
  const isReachable =
    !isForbidden &&
    (await fetch(
      url,
      dictionary<RequestInit>({
        method: 'HEAD',
        mode: 'no-cors',
        signal: AbortSignal.timeout(timeoutMs),
      }),
    ).catch(() => false));
  let code: PicaErrorCode = isReachable ? 'token-endpoint-cors' : 'token-endpoint-unreachable';
  if (ok) code = 'token-response-invalid';
  // 0 is a redirect, which AuthKit's page can't follow to another origin.
  else if (status > 0) code = status === 405 ? 'token-endpoint-method' : 'token-endpoint-status';
  else if (response) code = 'token-endpoint-cors';
  return {
    code,
    message: `The token endpoint gives no token (${status}).`,
    hint: 'Compare it with the backend in the README.',
  };
}

export function tokenUrlMissing(): PicaError {
  return new PicaError('token-url-missing', 'There is no token-url.', {
    hint: 'Set it to the URL of your token endpoint, for example token-url="https://example.com/api/authkit/token".',
  });
}

export function tokenUrlInvalid(text: string): PicaError {
  return new PicaError('token-url-invalid', `token-url is not a URL: "${text}".`, {
    hint: fullUrlHint,
  });
}

export function tokenUrlHasPassword(): PicaError {
  const message = 'token-url contains a user name or password. Browsers refuse such URLs.';
  return new PicaError('token-url-invalid', message, { hint: fullUrlHint });
}

const fullUrlHint =
  'Set token-url to a full URL that begins with https:// (or http:// on your own machine).';
