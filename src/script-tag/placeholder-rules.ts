import { toUrl } from '../endpoints/url.js';
import { warnOnce } from '../log.js';
import { pageDefault } from '../connect/page-defaults.js';
import { authkitAddress } from '../connect/authkit-address.js';

/*
 * What a placeholder may set. Anybody who can post a <div> on a site can write one. So it may use only the origins that
 * the page allows, and may not replace the headers and the identity that say who the visitor is.
 */

/** The page's own option for each attribute with a URL, and the page's headers that would be sent to that URL. */
const urlAttributes = new Map<string, readonly [option: string, headers: string]>([
  ['token-url', ['tokenUrl', 'tokenHeaders']],
  // AuthKit's page gets the token headers in its URL.
  ['base-url', ['baseUrl', 'tokenHeaders']],
  ['connections-url', ['connectionsUrl', 'requestHeaders']],
  // The page has no option for it. It is only read, and gets headers only at the origin that they are meant for.
  ['integrations-url', ['', '']],
  ['image-url', ['imageUrl', '']],
]);

/** Never taken from a placeholder: they decide whose unsaved connections are sent, and what a form submits. */
const forbidden = /^(identity|name|required|value)$/;

/**
 * Ignored if the page sets either. Somebody who posts a placeholder with their own credential would connect visitors'
 * accounts to themselves.
 */
const credentials = /^(token|request)-headers$/;

/** Values by attribute. Null removes the attribute, and undefined means that a placeholder must not set it. */
export type AllowedValues = Map<string, string | null | undefined>;

let allowedOrigins: readonly (string | undefined)[] = [];

/**
 * Lets placeholders use these origins.
 * @param list the value of `data-placeholders`: origins separated by spaces; `self` is the page's own.
 */
export function allowOrigins(list: string): void {
  // Words with a path are ignored: they would look like a limit to that path.
  allowedOrigins = list
    .split(/\s+/)
    .map((word) =>
      word === 'self' ? globalThis.origin : /^\w+:..[^/*]+\/?$/.test(word) ? originOf(word) : '',
    );
}

/**
 * Checks the attributes of a placeholder.
 * @param values the placeholder's values, by the element's attribute.
 * @returns the values for the element, or the reason why there must not be one.
 */
export function checkValues(values: ReadonlyMap<string, string | null>): AllowedValues | string {
  const allowed: AllowedValues = new Map(values);
  for (const [name, value] of values) {
    const pageOptions = urlAttributes.get(name);
    if (value === null) continue;
    if (forbidden.test(name) || (credentials.test(name) && pageHasHeaders())) {
      warnAboutPlaceholder(`data-${name} of a placeholder is ignored. A script may set it.`);
      allowed.set(name, undefined);
    } else if (pageOptions && value.trim() === '') {
      allowed.set(name, name === 'base-url' ? null : '');
    } else if (pageOptions) {
      const url = toUrl(value);
      if (!url || !isAllowed(url, ...pageOptions)) return refusal(name, url);
      // A relative URL would lead somewhere else if the page's base URL changed after this check.
      allowed.set(name, url.href);
    }
  }
  return allowed;
}

/**
 * Whether a placeholder may use a URL. If the page's headers would be sent along, it must be the page's own URL: with
 * these headers, the server's other endpoints may do more than the elements ask for. Otherwise its origin is enough.
 * @param option the page's own option for this URL.
 * @param headers the option with the page's headers that would be sent there.
 */
function isAllowed({ href, username, password }: URL, option: string, headers: string): boolean {
  const origin = originOf(href);
  if (!origin || username || password) return false;
  const configured = pageDefault(option) as string | null;
  const pageUrl = option === 'baseUrl' ? authkitAddress({ baseUrl: configured }) : configured;
  const tokenOrigin = originOf(pageDefault('tokenUrl'));
  const hasHeaders = (name: string) => pageDefault(name) !== null;
  if (headers) {
    if (pageUrl !== null && href === toUrl(pageUrl)?.href) return true;
    // Without request-headers, the token endpoint's origin gets the token headers.
    const isSent = hasHeaders(headers) || (origin === tokenOrigin && hasHeaders('tokenHeaders'));
    if (configured !== null || isSent) return false;
  }
  const otherUrls = ['connectionsUrl', 'baseUrl'].map(pageDefault);
  const pageOrigins = [pageUrl, ...otherUrls].map(originOf);
  return [...allowedOrigins, tokenOrigin, ...pageOrigins].includes(origin);
}

/** The origin of an http(s) URL. Undefined for others: a blob: URL has the origin of the page that created it. */
function originOf(text: unknown): string | undefined {
  const url = typeof text === 'string' ? toUrl(text) : undefined;
  return url && /^https?:$/.test(url.protocol) ? url.origin : undefined;
}

const pageHasHeaders = () =>
  (pageDefault('tokenHeaders') ?? pageDefault('requestHeaders')) !== null;

function refusal(name: string, url: URL | undefined): string {
  const where = originOf(url?.href) ?? 'no http(s) URL';
  return `A placeholder stays text: its data-${name} leads to ${where}. Use the page's own URL or, if the page sets neither a URL nor headers for it, one with an origin in data-placeholders.`;
}

/** A page may have a thousand placeholders. */
const maxWarnings = 20;
const warned = new Set<string>();

/** Warns once for each text, until there have been too many. */
export function warnAboutPlaceholder(text: string): void {
  if (warned.add(text).size <= maxWarnings) warnOnce(text.slice(0, 500));
}
