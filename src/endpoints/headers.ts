import { PicaError } from '../errors.js';
import { inTime, timeoutMs } from './request.js';
import { toUrl } from './url.js';

/** Headers as an object, or a function that returns one and is called each time they are needed. */
export type HeadersOption =
  Record<string, string> | (() => Record<string, string> | Promise<Record<string, string>>);

// What RFC 9110 allows in a header's name. The value may be any text here: AuthKit's page is the one
// that sends it, and tells when it cannot.
const headerName = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/i;

// `fetch` takes Latin-1 and nothing else.
const canBeFetched = /^[\x01-\xff]*$/;

/**
 * The headers that `option` stands for. Synchronous unless it is a function, so that AuthKit opens
 * within the click wherever it can.
 * @param option what the host gave: nothing, an object, a function, or an attribute's text that was
 *   no JSON.
 * @param attribute the attribute's name, for the error.
 * @throws {PicaError} `token-headers-invalid`; for a function, as a rejection.
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
 * The headers for one of the host's lists at `url`. Those of the token endpoint are often credentials,
 * so without `request-headers` they go to its own origin, and to no other.
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
    if (!canBeFetched.test(value)) throw unfetchable(attribute, name);
  }
  return headers;
}

/** The names of headers whose value is a mistake of the page's more often than not: a variable that was not there. */
export function findOddHeaders(headers: Record<string, string>): string[] {
  return Object.entries(headers)
    .filter(([, value]) => /^\s*(undefined|null|NaN|\[object \w+\])?\s*$/.test(value))
    .map(([name]) => shownName(name));
}

// Also a key or a password may consist of words, so a name has to be one that is known, or to begin as one.
const knownName =
  /^(x([-_][a-z]{1,15}\d?){1,4}|authorization|cookie|accept|content-type|api-key|user[-_]id)$/i;

/** A header's name for an error or the console, unless it may be a value that was pasted as one: a key, a token. */
export function shownName(name: string): string {
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
      ? new PicaError(
          'token-headers-invalid',
          `The function for ${attribute} did not answer ${inTime}.`,
          { hint: 'Make its promise resolve or reject sooner.', cause },
        )
      : new PicaError('token-headers-invalid', `The function for ${attribute} failed.`, {
          hint: 'Look at the cause: it is what your function threw.',
          cause,
        });
  }
  return checkHeaders(headers, attribute);
}

function checkHeaders(headers: unknown, attribute: string): Record<string, string> {
  if (headers === undefined || headers === null || headers === '') return {};
  if (typeof headers !== 'object' || Array.isArray(headers)) {
    throw invalid(attribute, 'is not a JSON object');
  }
  for (const [name, value] of Object.entries(headers)) {
    const shown = shownName(name);
    if (!headerName.test(name))
      throw invalid(attribute, `has a header name that is none: "${shown}"`);
    if (typeof value !== 'string')
      throw invalid(attribute, `has no text for the header "${shown}"`);
    if (/[\0\r\n]/.test(value))
      throw invalid(attribute, `has a line break in the header "${shown}"`);
  }
  return { ...(headers as Record<string, string>) };
}

function unfetchable(attribute: string, name: string): PicaError {
  const isToken = attribute === 'token-headers';
  const shown = shownName(name);
  return new PicaError(
    'token-headers-invalid',
    `${attribute} has letters in the header "${shown}" that a browser cannot send.`,
    {
      hint: `Encode the value of "${shown}", for example with encodeURIComponent(), and decode it on your server${
        isToken ? ', or give connections-url and integrations-url request-headers of their own' : ''
      }.`,
    },
  );
}

function invalid(attribute: string, what: string): PicaError {
  return new PicaError('token-headers-invalid', `${attribute} ${what}.`, {
    hint: `Write ${attribute} as a JSON object of strings, for example ${attribute}='{"authorization": "Bearer …"}'.`,
  });
}
