import { toUrl } from './endpoints/url.js';
import { warn } from './log.js';
import { pageDefault } from './page-defaults.js';
import { authkitAddress } from './token-checking.js';

/*
 * What a placeholder may say. Everybody who can post a <div> on a site can write one, so it chooses among addresses
 * that the page has named, and never says who the visitor is where the page does.
 */

/** What leads somewhere: the page's own option for it, and the headers of the page that would go there. */
const addresses = new Map<string, readonly [option: string, headers: string]>([
  ['token-url', ['tokenUrl', 'tokenHeaders']],
  // AuthKit's page reads the token headers in its own address.
  ['base-url', ['baseUrl', 'tokenHeaders']],
  ['connections-url', ['connectionsUrl', 'requestHeaders']],
  ['integrations-url', ['connectionsUrl', 'requestHeaders']],
  ['image-url', ['imageUrl', '']],
]);

/** Never taken from a placeholder: whose unsaved connections are sent, and what a form submits as a connection. */
const withheld = /^(identity|value)$/;

/** Not taken where the page sets one of them: with an author's own, a visitor's account would become the author's. */
const credentials = /^(token|request)-headers$/;

/** By attribute: what the element is given, null for nothing, undefined for what a placeholder may not say. */
export type Permitted = Map<string, string | null | undefined>;

let origins: readonly (string | undefined)[] = [];

/**
 * Lets placeholders lead to these origins.
 * @param list `data-placeholders`: origins separated by spaces; `self` is the page's own.
 */
export function allowOrigins(list: string): void {
  // One with a path would promise more than it holds.
  origins = list
    .split(/\s+/)
    .map((word) =>
      word === 'self' ? globalThis.origin : /^\w+:..[^/*]+\/?$/.test(word) ? originOf(word) : '',
    );
}

/**
 * @param said what a placeholder says, by attribute of the element.
 * @returns what the element is given; a text, which says why, where it must not be filled.
 */
export function judge(said: ReadonlyMap<string, string | null>): Permitted | string {
  const permitted: Permitted = new Map(said);
  for (const [name, value] of said) {
    const address = addresses.get(name);
    if (value === null) continue;
    if (withheld.test(name) || (credentials.test(name) && hasOwnHeaders())) {
      warnOnce(`data-${name} of a placeholder is ignored. Set it for the page.`);
      permitted.set(name, undefined);
    } else if (address && value.trim() === '') {
      permitted.set(name, name === 'base-url' ? null : '');
    } else if (address) {
      const url = toUrl(value);
      if (!url || !isAllowed(url, ...address)) return refusal(name, url);
      // In full: what was checked is what is used, whatever becomes of the page's base.
      permitted.set(name, url.href);
    }
  }
  return permitted;
}

/**
 * @param option the page's own for this address.
 * @param headers what the page would send there.
 */
function isAllowed({ href, username, password }: URL, option: string, headers: string): boolean {
  const origin = originOf(href);
  if (!origin || username || password) return false;
  const baseUrl = pageDefault(option) as string | null;
  const usual = originOf(option === 'baseUrl' ? authkitAddress({ baseUrl }) : baseUrl);
  if (origin === usual) return true;
  // What the page sends to an address of its own is not meant for another.
  if (usual && pageDefault(headers) !== null) return false;
  const pageUrls = ['tokenUrl', 'connectionsUrl', 'baseUrl'].map(pageDefault);
  return [...origins, ...pageUrls.map(originOf)].includes(origin);
}

/** The origin of a web address; undefined for others, also for blob:, which has that of the page that made it. */
function originOf(address: unknown): string | undefined {
  const url = typeof address === 'string' ? toUrl(address) : undefined;
  return url && /^https?:$/.test(url.protocol) ? url.origin : undefined;
}

const hasOwnHeaders = () => (pageDefault('tokenHeaders') ?? pageDefault('requestHeaders')) !== null;

function refusal(name: string, url: URL | undefined): string {
  const where = originOf(url?.href) ?? 'no web address';
  return `A placeholder stays text: its data-${name} leads to ${where}, and data-placeholders and the page's own options do not.`;
}

const warned = new Set<string>();

/** Once for each reason: a page may have a thousand placeholders. */
export function warnOnce(text: string): void {
  if (!warned.has(text)) warn(text);
  warned.add(text);
}
