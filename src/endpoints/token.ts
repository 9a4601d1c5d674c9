import { loadDiagnosis } from '../lazy.js';
import { PicaError, type PicaErrorCode } from '../errors.js';
import { dictionary, parseJson } from '../hardening/own.js';
import { safeDocument } from '../hardening/safe-document.js';
import { parseTime } from '../time.js';
import { isMixed } from './mixed-content.js';
import { timeoutMs } from './request.js';
import { toUrl } from './url.js';

/** For how long a token endpoint that has answered well is not asked again, in milliseconds. */
const goodFor = 5 * 60_000;

/** One of the integrations in a token; what else it holds is AuthKit's. */
export interface TokenRow {
  title: string;
  active?: boolean;
  [field: string]: unknown;
}

/** What asking the token endpoint showed. */
export interface TokenAttempt {
  url: string;
  headers: Record<string, string>;
  /** The origin that has to be able to read the answer. */
  authkitOrigin: string;
  /** The answer and its body, where there is one that the page may read. */
  response?: Response;
  text: string;
  /** Why there is none. */
  cause?: unknown;
  /** Whether that is this page's Content-Security-Policy. */
  isForbidden: boolean;
}

/** What came of asking the token endpoint. */
export interface TokenCheck {
  /** Why AuthKit's page will get no token. */
  fault?: PicaError;
  /** What can be connected, where the answer says so. */
  rows?: readonly TokenRow[];
  /** Whether nothing showed that another origin may read the answer, which need not be so. */
  lacksCors?: boolean;
}

interface Memory {
  check: Promise<TokenCheck>;
  /** What came of it, once something has. */
  result?: TokenCheck;
  at: number;
}

/** By address and names of the headers: for the page, however many elements are on it. */
const memories = new Map<string, Memory>();

/**
 * The full address of the host's token endpoint. AuthKit's page, on another origin, is the one that
 * requests it, so a relative address would mean a path of its own: it is resolved here.
 * @throws {PicaError} `token-url-missing`, `token-url-invalid`
 */
export function resolveTokenUrl(value: string | null | undefined): string {
  const text = typeof value === 'string' ? value.trim() : '';
  if (text === '') {
    throw new PicaError('token-url-missing', 'There is no token-url.', {
      hint: 'Add token-url with the address of your token endpoint, for example token-url="https://example.com/api/authkit/token".',
    });
  }
  const url = toUrl(text);
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw invalid(`token-url is not a web address: "${text.slice(0, 200)}".`);
  }
  if (url.username || url.password) {
    throw invalid('token-url holds a user name or password, and browsers refuse such addresses.');
  }
  return url.href;
}

/**
 * Asks the token endpoint for a token, as AuthKit's page is going to, and finds out what is wrong. Asks once
 * for a page, an address and names of headers: a good answer counts for five minutes, and two never ask at once.
 * @param isAnew also when it is known to be good.
 * @returns never rejects.
 */
export function checkToken(
  url: string,
  headers: Record<string, string>,
  authkitOrigin: string,
  isAnew = false,
): Promise<TokenCheck> {
  const memory = recall(url, headers);
  if (memory && (!memory.result || (!isAnew && isGood(memory)))) return memory.check;
  const check = ask(url, headers, authkitOrigin);
  const fresh: Memory = dictionary({ check, at: Date.now() });
  memories.set(nameOf(url, headers), fresh);
  void check.then((result) => {
    fresh.result = result;
    fresh.at = Date.now();
  });
  return check;
}

/** What is known of a token endpoint that answers well; undefined where it has to be asked. */
export function knownToken(url: string, headers: Record<string, string>): TokenCheck | undefined {
  const memory = recall(url, headers);
  return memory && isGood(memory) ? memory.result : undefined;
}

/** As `checkToken`, but does not ask again where something was wrong: nobody has clicked yet. */
export function checkTokenAhead(
  url: string,
  headers: Record<string, string>,
  authkitOrigin: string,
): Promise<TokenCheck> {
  const memory = recall(url, headers);
  return memory?.result?.fault ? memory.check : checkToken(url, headers, authkitOrigin);
}

function recall(url: string, headers: Record<string, string>): Memory | undefined {
  return memories.get(nameOf(url, headers));
}

function isGood({ result, at }: Memory): boolean {
  return result !== undefined && !result.fault && Date.now() - at < goodFor;
}

function nameOf(url: string, headers: Record<string, string>): string {
  const names = Object.keys(headers).map((name) => name.toLowerCase());
  return [url, ...names.sort()].join('\n');
}

async function ask(
  url: string,
  headers: Record<string, string>,
  authkitOrigin: string,
): Promise<TokenCheck> {
  const attempt: TokenAttempt = dictionary({
    url,
    headers,
    authkitOrigin,
    text: '',
    isForbidden: false,
  });
  // What AuthKit's page cannot do need not be tried.
  if (!isMixed(url, authkitOrigin)) await request(attempt);
  const { response, text } = attempt;
  if (response?.ok && isToken(text) && mayBeRead(response.headers, attempt)) {
    const hasCors = response.headers.has('access-control-allow-origin');
    const hasVary = /origin/i.test(response.headers.get('vary') ?? '');
    const { rows: all } = parseJson(text) as { rows?: unknown };
    // What is no integration is AuthKit's to judge; nothing here may stumble over it.
    const rows = Array.isArray(all) ? all.filter(isRow) : undefined;
    // Of an endpoint on another origin the page sees neither header, and could read it all the same.
    return dictionary({ rows, lacksCors: response.type === 'basic' && !hasCors && !hasVary });
  }
  return loadDiagnosis()
    .then(({ explainToken }) => explainToken(attempt))
    .then(
      ({ code, message, ...details }) =>
        dictionary({ fault: new PicaError(code, message, { ...details, cause: attempt.cause }) }),
      async () => dictionary({ fault: await outline(attempt) }),
    );
}

/** A POST of JSON, as AuthKit's page sends it: with the host's headers, and without cookies, which it has not. */
async function request(attempt: TokenAttempt): Promise<void> {
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
    // Chromium and Firefox tell that it was connect-src up to 3 ms after the rejection.
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  safeDocument.removeEventListener('securitypolicyviolation', onViolation);
}

const isRow = (row: unknown): row is TokenRow =>
  typeof (row as Partial<TokenRow> | null)?.title === 'string';

/** Today's token lists integrations; an older endpoint's is a text that expires. */
function isToken(text: string): boolean {
  try {
    const { rows, token, expiresAt } = parseJson(text) as Record<string, unknown>;
    return Array.isArray(rows)
      ? rows.filter(isRow).some(({ active }) => active !== false)
      : typeof token === 'string' && parseTime(expiresAt) > Date.now();
  } catch {
    return false;
  }
}

/** Whether AuthKit's page may read such an answer too, as far as this page can tell. */
function mayBeRead(headers: Headers, { authkitOrigin }: TokenAttempt): boolean {
  const allowed = headers.get('access-control-allow-origin');
  // None at all need not mean that none is shown to others.
  return (
    [authkitOrigin, window.origin, '*', null].includes(allowed) &&
    !(allowed === '*' && headers.get('access-control-allow-credentials') === 'true')
  );
}

/** What can be said without the file that says more. */
async function outline({ url, response, isForbidden }: TokenAttempt): Promise<PicaError> {
  const { status, ok } = response ?? { status: -1, ok: false };
  const isThere =
    !isForbidden &&
    (await fetch(
      url,
      dictionary<RequestInit>({
        method: 'HEAD',
        mode: 'no-cors',
        signal: AbortSignal.timeout(timeoutMs),
      }),
    ).catch(() => false));
  let code: PicaErrorCode = isThere ? 'token-endpoint-cors' : 'token-endpoint-unreachable';
  if (ok) code = 'token-response-invalid';
  // 0 is a redirect, which AuthKit's page may not follow to another origin.
  else if (status > 0) code = status === 405 ? 'token-endpoint-method' : 'token-endpoint-status';
  else if (response) code = 'token-endpoint-cors';
  return new PicaError(code, `The token endpoint gives no token (${status}).`, {
    hint: 'Compare it with the backend in the README.',
  });
}

function invalid(message: string): PicaError {
  return new PicaError('token-url-invalid', message, {
    hint: 'Give token-url as a full address that begins with https:// (or http:// on your own machine).',
  });
}
