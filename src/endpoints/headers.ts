import { PicaError } from '../errors.js';
import { timeoutMs, withinTimeout } from './request.js';
import { toUrl } from './url.js';

/** Headers as an object, or a function that returns them and is called whenever they are needed. */
export type HeadersOption =
  Record<string, string> | (() => Record<string, string> | Promise<Record<string, string>>);

// The names that RFC 9110 allows. The value can be any string here: AuthKit's page sends it, and reports it if it can't.
const headerName = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/i;

// `fetch` accepts only Latin-1.
const canBeFetched = /^[\x01-\xff]*$/;

/**
 * Resolves a headers option. Synchronous unless it is a function, so that AuthKit can open within the click.
 * @param option nothing, an object, a function, or the text of an attribute that is not JSON.
 * @param attribute the attribute's name, for the error.
 * @throws {PicaError} `token-headers-invalid`. If the option is a function, the promise rejects with it.
 */
export function resolveHeaders(
  option: unknown,
  attribute: string,
): Record<string, string> | Promise<Record<string, string>> {
  return typeof option === 'function'
    ? callForHeaders(option as () => unknown, attribute)
    : checkHeaders(option, attribute);
}

export interface RequestHeadersOptions {
  requestHeaders: unknown;
  tokenHeaders: unknown;
  tokenUrl: string | null;
}

/**
 * Resolves the headers for a request to `url`. Token headers are often credentials, so without `request-headers` they are
 * sent only to the token endpoint's own origin.
 * @throws {PicaError} `token-headers-invalid`
 */
export async function resolveRequestHeaders(
  { requestHeaders, tokenHeaders, tokenUrl }: RequestHeadersOptions,
  url: string,
): Promise<Record<string, string>> {
  const isOwn = requestHeaders !== null;
  if (!isOwn && (tokenUrl === null || toUrl(url)?.origin !== toUrl(tokenUrl)?.origin)) return {};
  const attribute = isOwn ? 'request-headers' : 'token-headers';
  const headers = await resolveHeaders(isOwn ? requestHeaders : tokenHeaders, attribute);
  for (const [name, value] of Object.entries(headers)) {
    if (!canBeFetched.test(value)) throw headerNotLatin1(attribute, redactName(name));
  }
  return headers;
}

/** Finds headers with a value that is probably a mistake, such as a variable that was not set. */
export function findSuspiciousHeaders(headers: Record<string, string>): string[] {
  return Object.entries(headers)
    .filter(([, value]) => /^\s*(undefined|null|NaN|\[object \w+\])?\s*$/.test(value))
    .map(([name]) => redactName(name));
}

// A key or a password can look like a name, so only known names are shown, and those that start with x-.
const knownName =
  /^(x([-_][a-z]{1,15}\d?){1,4}|authorization|cookie|accept|content-type|api-key|user[-_]id)$/i;

/** Returns a header's name for errors and the console, without one that may be a secret pasted in the wrong place. */
export function redactName(name: string): string {
  return knownName.test(name) ? name : `(a name of ${name.length} characters)`;
}

async function callForHeaders(
  source: () => unknown,
  attribute: string,
): Promise<Record<string, string>> {
  const limit = AbortSignal.timeout(timeoutMs);
  let headers: unknown;
  try {
    headers = await Promise.race([
      source(),
      new Promise((_resolve, reject) => {
        limit.onabort = () => {
          reject(limit.reason as Error);
        };
      }),
    ]);
  } catch (cause) {
    throw limit.aborted
      ? headersTimedOut(attribute, withinTimeout, cause)
      : headersFailed(attribute, cause);
  }
  return checkHeaders(headers, attribute);
}

function checkHeaders(headers: unknown, attribute: string): Record<string, string> {
  if (headers === undefined || headers === null || headers === '') return {};
  if (typeof headers !== 'object' || Array.isArray(headers)) {
    throw headersInvalid(attribute, 'is not a JSON object');
  }
  for (const [name, value] of Object.entries(headers)) {
    const shown = redactName(name);
    if (!headerName.test(name))
      throw headersInvalid(attribute, `has an invalid header name: "${shown}"`);
    if (typeof value !== 'string')
      throw headersInvalid(attribute, `has no string for the header "${shown}"`);
    if (/[\0\r\n]/.test(value))
      throw headersInvalid(attribute, `has a line break in the header "${shown}"`);
  }
  return { ...(headers as Record<string, string>) };
}

const fault = (message: string, hint: string, cause?: unknown) =>
  new PicaError('token-headers-invalid', message, { hint, cause });

export const headersTimedOut = (attribute: string, within: string, cause?: unknown) =>
  fault(
    `The function for ${attribute} did not answer ${within}.`,
    'Make its promise resolve or reject sooner.',
    cause,
  );

export const headersFailed = (attribute: string, cause?: unknown) =>
  fault(
    `The function for ${attribute} failed.`,
    'Look at the cause: it is what your function threw.',
    cause,
  );

export const headerNotLatin1 = (attribute: string, name: string) =>
  fault(
    `${attribute} has characters in the header "${name}" that a browser cannot send.`,
    `Encode the value of "${name}", for example with encodeURIComponent(), and decode it on your server${
      attribute === 'token-headers' ? ', or set request-headers for the lists' : ''
    }.`,
  );

export const headersInvalid = (attribute: string, problem: string) =>
  fault(
    `${attribute} ${problem}.`,
    `Write ${attribute} as a JSON object of strings, for example ${attribute}='{"authorization": "Bearer …"}'.`,
  );
