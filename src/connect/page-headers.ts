import type { LitElement } from 'lit';
import type { ConnectOptions } from './options.js';
import { toUrl } from '../endpoints/url.js';
import { warnOnce } from '../log.js';
import { pageDefault } from './page-defaults.js';
import { authkitAddress } from './authkit-address.js';

/** The options with the URLs that headers are sent to. */
const destinations = new Map([
  ['tokenHeaders', ['tokenUrl', 'baseUrl']],
  ['requestHeaders', ['connectionsUrl', 'integrationsUrl']],
]);

/**
 * The page's default for an option of this element, or null. The page's headers are often credentials, so an element
 * gets them only while each of its URLs has the same origin as the page's default for that URL, if there is one.
 */
export function defaultFor(element: LitElement, name: string): unknown {
  const value = pageDefault(name);
  if (value === null) return value;
  const { elementProperties } = element.constructor as typeof LitElement;
  for (const option of destinations.get(name) ?? []) {
    // On a button, `integrationsUrl` could only come from a polluted `Object.prototype`.
    if (!elementProperties.has(option)) continue;
    const here = originOf(option, Reflect.get(element, option));
    const own = option === 'integrationsUrl' ? 'connectionsUrl' : option;
    const pages = originOf(option, pageDefault(own));
    if (here === undefined || pages === undefined || here === pages) continue;
    warnOnce(
      `An element doesn't get the page's ${name}, because its ${option} has another origin. Set them on the element.`,
    );
    return null;
  }
  return value;
}

/** Undefined without a URL. AuthKit's page always has one. */
function originOf(option: string, address: unknown): string | undefined {
  const text =
    option === 'baseUrl' ? authkitAddress({ baseUrl: address } as ConnectOptions) : address;
  return text ? (toUrl(text as string)?.origin ?? '') : undefined;
}
