import { toUrl } from '../endpoints/url.js';
import { createWarnOnce } from '../log.js';
import { pageDefault } from '../connect/page-defaults.js';
import { authkitAddress } from '../connect/token-check.js';

/*
 * What a placeholder may set. Everybody who can post a <div> on a site can write one. So it may only use origins that
 * the page allows, and may not replace the headers and the identity that say who the visitor is.
 */

/** By address attribute: the page's own option for it, and the page's headers that would be sent there. */
const addresses = new Map<string, readonly [option: string, headers: string]>([
  ['token-url', ['tokenUrl', 'tokenHeaders']],
  // AuthKit's page gets the token headers in its address.
  ['base-url', ['baseUrl', 'tokenHeaders']],
  ['connections-url', ['connectionsUrl', 'requestHeaders']],
  // Only read, and the page has no option for it. Headers go there only if it has the origin that they are for.
  ['integrations-url', ['', '']],
  ['image-url', ['imageUrl', '']],
]);

/**
 * Never taken from a placeholder: they decide whose unsaved connections are sent, and whether and what a form submits.
 */
const withheld = /^(identity|name|required|value)$/;

/** Ignored if the page sets either: an author's own credential would connect visitors' accounts to the author. */
const credentials = /^(token|request)-headers$/;

/** By attribute: the element's value; null if there is none, undefined if a placeholder must not set it. */
export type Permitted = Map<string, string | null | undefined>;

let origins: readonly (string | undefined)[] = [];

/**
 * Lets placeholders use these origins.
 * @param list the value of `data-placeholders`: origins separated by spaces; `self` is the page's own.
 */
export function allowOrigins(list: string): void {
  // Not with a path: it would look like a limit to that path, which it is not.
  origins = list
    .split(/\s+/)
    .map((word) =>
      word === 'self' ? globalThis.origin : /^\w+:..[^/*]+\/?$/.test(word) ? originOf(word) : '',
    );
}

/**
 * @param said the placeholder's values, by attribute of the element.
 * @returns the element's values, or the reason why this placeholder must not be filled.
 */
export function judge(said: ReadonlyMap<string, string | null>): Permitted | string {
  const permitted: Permitted = new Map(said);
  for (const [name, value] of said) {
    const address = addresses.get(name);
    if (value === null) continue;
    if (withheld.test(name) || (credentials.test(name) && hasOwnHeaders())) {
      warnOnce(`data-${name} of a placeholder is ignored. A script may set it.`);
      permitted.set(name, undefined);
    } else if (address && value.trim() === '') {
      permitted.set(name, name === 'base-url' ? null : '');
    } else if (address) {
      const url = toUrl(value);
      if (!url || !isAllowed(url, ...address)) return refusal(name, url);
      // Absolute, so that a later change of the page's base URL cannot redirect what was checked.
      permitted.set(name, url.href);
    }
  }
  return permitted;
}

/**
 * An origin is enough only where nothing of the page's goes along: its endpoints do more than the elements ask of them.
 * @param option the page's own option for this address.
 * @param headers the option with the page's headers that would be sent there.
 */
function isAllowed({ href, username, password }: URL, option: string, headers: string): boolean {
  const origin = originOf(href);
  if (!origin || username || password) return false;
  const own = pageDefault(option) as string | null;
  const usual = option === 'baseUrl' ? authkitAddress({ baseUrl: own }) : own;
  const tokenOrigin = originOf(pageDefault('tokenUrl'));
  const hasHeaders = (name: string) => pageDefault(name) !== null;
  if (headers) {
    if (usual !== null && href === toUrl(usual)?.href) return true;
    // Lists get the token headers at the token endpoint's origin.
    const isSent = hasHeaders(headers) || (origin === tokenOrigin && hasHeaders('tokenHeaders'));
    if (own !== null || isSent) return false;
  }
  const pageUrls = ['connectionsUrl', 'baseUrl'].map(pageDefault);
  return [...origins, tokenOrigin, ...[usual, ...pageUrls].map(originOf)].includes(origin);
}

/**
 * The origin of an http(s) address, or undefined. Not of a blob: URL, which has the origin of the page that made it.
 */
function originOf(address: unknown): string | undefined {
  const url = typeof address === 'string' ? toUrl(address) : undefined;
  return url && /^https?:$/.test(url.protocol) ? url.origin : undefined;
}

const hasOwnHeaders = () => (pageDefault('tokenHeaders') ?? pageDefault('requestHeaders')) !== null;

function refusal(name: string, url: URL | undefined): string {
  const where = originOf(url?.href) ?? 'no web address';
  return `A placeholder stays text: its data-${name} leads to ${where}. It may be the page's own address or, where the page has none and no headers, lead to an origin in data-placeholders.`;
}

/** Warns about 20 placeholders at most: a page may have a thousand, each with another reason. */
export const warnOnce = createWarnOnce(20);
