import type { LitElement } from 'lit';
import type { ConnectOptions } from './options.js';
import { toUrl } from '../endpoints/url.js';
import { warnOnce } from '../log.js';
import { pageDefault } from './page-defaults.js';
import { authkitAddress } from './token-check.js';

/** The addresses that headers are sent to. */
const destinations = new Map([
  ['tokenHeaders', ['tokenUrl', 'baseUrl']],
  ['requestHeaders', ['connectionsUrl', 'integrationsUrl']],
]);

/**
 * The page's default for an option of this element; null if it has none. The page's headers are often credentials, so
 * an element has them only while its addresses have the origins of the page's own, as far as the page has set these.
 */
export function defaultFor(element: LitElement, name: string): unknown {
  const value = pageDefault(name);
  if (value === null) return value;
  const { elementProperties } = element.constructor as typeof LitElement;
  for (const option of destinations.get(name) ?? []) {
    // A button would inherit the list's from a polluted `Object.prototype`.
    if (!elementProperties.has(option)) continue;
    const here = originOf(option, Reflect.get(element, option));
    const own = option === 'integrationsUrl' ? 'connectionsUrl' : option;
    const pages = originOf(option, pageDefault(own));
    if (here === undefined || pages === undefined || here === pages) continue;
    warnOnce(
      `The page's ${name} are kept from an element, because its ${option} has another origin than the page's. Set them on the element.`,
    );
    return null;
  }
  return value;
}

/** Undefined where there is no address. AuthKit always has one. */
function originOf(option: string, address: unknown): string | undefined {
  const text =
    option === 'baseUrl' ? authkitAddress({ baseUrl: address } as ConnectOptions) : address;
  return text ? (toUrl(text as string)?.origin ?? '') : undefined;
}
