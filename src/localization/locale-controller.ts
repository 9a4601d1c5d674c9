import { isServer, type LitElement, type ReactiveController } from 'lit';
import { dictionary, inheritNothing } from '../hardening/prototype-pollution.js';
import type { Locale } from './locale.js';
import { hasLanguages, localeFor, onStringsChange } from './registry.js';

/** The elements on the page, with the locales of those that have shown a string. */
const currentLocales = new Map<LitElement, Locale | undefined>();

/** The elements on the page that this copy of the package has registered. */
export const elementsOnPage = (): Iterable<LitElement> => currentLocales.keys();

/** Server-rendered elements before their first update, which has to match what the server rendered. */
const hydrating = new WeakSet<LitElement>();

/** Whether an element's first update is still to come, and has to match what the server rendered. */
export const isHydrating = (host: LitElement): boolean => hydrating.has(host);

/** The locale for an element's own `lang`, or for the nearest `lang` around it. */
export function localeOf(host: LitElement): Locale {
  // A server can't see the elements around it.
  const readsOnlyItself = (isServer as boolean) || hydrating.has(host);
  const locale = localeFor((readsOnlyItself ? host.getAttribute('lang') : nearestLang(host)) ?? '');
  if (currentLocales.has(host)) currentLocales.set(host, currentLocales.get(host) ?? locale);
  return locale;
}

/** Shared by all elements. No event announces that a `lang` around an element has changed. */
let observer: MutationObserver | undefined;
const observed = new WeakSet<Node>();

/**
 * Finds the nearest `lang`, across shadow roots, and observes each of these trees. A page that has only English is not
 * observed. When a language is added later, every element searches again.
 */
function nearestLang(element: Element): string | null {
  const root = element.getRootNode();
  if (hasLanguages() && !observed.has(root)) {
    observed.add(root);
    observer ??= new MutationObserver(updateLocales);
    observer.observe(root, dictionary({ attributeFilter: ['lang'], subtree: true }));
  }
  const nearest = element.closest('[lang]');
  // A form's fields can shadow its own `getAttribute`.
  if (nearest) return Element.prototype.getAttribute.call(nearest, 'lang');
  return root instanceof ShadowRoot ? nearestLang(root.host) : null;
}

/** Renders the elements whose language or strings have changed. */
function updateLocales(): void {
  for (const [host, before] of currentLocales) {
    const locale = before && localeOf(host);
    if (locale === before) continue;
    currentLocales.set(host, locale);
    host.requestUpdate();
  }
}

onStringsChange(updateLocales);

/** Knows the locale of its element, and renders the element when that changes. */
export class LocaleController implements ReactiveController {
  static {
    inheritNothing(this);
  }

  readonly #host: LitElement;

  constructor(host: LitElement) {
    this.#host = host;
    if (!(isServer as boolean) && host.shadowRoot) hydrating.add(host);
    host.addController(this);
  }

  /** After a `lang` has changed, this is the new locale once `MutationObserver` has reported it. */
  get locale(): Locale {
    return currentLocales.get(this.#host) ?? localeOf(this.#host);
  }

  hostConnected(): void {
    if (isServer as boolean) return;
    currentLocales.set(this.#host, undefined);
    // The element may have been moved to a place with another language.
    this.#host.requestUpdate();
  }

  hostDisconnected(): void {
    currentLocales.delete(this.#host);
  }

  hostUpdated(): void {
    if (hydrating.delete(this.#host)) updateLocales();
  }
}
