import { isServer, type LitElement, type ReactiveController } from 'lit';
import { dictionary, inheritNothing } from '../hardening/own.js';
import type { Locale } from './locale.js';
import { followTexts, hasLanguages, localeFor } from './registry.js';

/** The elements on the page, with the texts that each shows. */
const shown = new Map<LitElement, Locale>();
/** The elements on the page that this copy of the package has registered. */
export const elementsOnPage = (): Iterable<LitElement> => shown.keys();

/** Those that a server has rendered and that have yet to take that over, as it stands. */
const hydrating = new WeakSet<LitElement>();

/** The texts in the language of an element: its own `lang`, or that of the nearest around it. */
export function localeOf(host: LitElement): Locale {
  // A server knows nothing of what is around it.
  const knowsOnlyItself = (isServer as boolean) || hydrating.has(host);
  return localeFor((knowsOnlyItself ? host.getAttribute('lang') : nearestLang(host)) ?? '');
}

/** Nothing but this tells of another `lang` around an element, so there is one, for all of them. */
let observer: MutationObserver | undefined;
const observed = new WeakSet<Node>();

/**
 * Looks outwards, also from shadow tree to shadow tree, and goes on watching where it has looked. A page that has
 * only English is not watched; where a language is added later, all elements look again.
 */
function nearestLang(element: Element): string | null {
  const root = element.getRootNode();
  if (hasLanguages() && !observed.has(root)) {
    observed.add(root);
    observer ??= new MutationObserver(updateShown);
    observer.observe(root, dictionary({ attributeFilter: ['lang'], subtree: true }));
  }
  const holder = element.closest('[lang]');
  // Not its own: a form's fields shadow that.
  if (holder) return Element.prototype.getAttribute.call(holder, 'lang');
  return root instanceof ShadowRoot ? nearestLang(root.host) : null;
}

/** Lets the elements render again whose language, or the texts in that, are others than before. */
function updateShown(): void {
  for (const [host, before] of shown) {
    const locale = localeOf(host);
    if (locale === before) continue;
    shown.set(host, locale);
    host.requestUpdate();
  }
}

followTexts(updateShown);

/** Keeps the texts of an element in its language. */
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

  /** The texts in its language, as it is shown: where a `lang` changes, it is rendered again right after that. */
  get locale(): Locale {
    return shown.get(this.#host) ?? localeOf(this.#host);
  }

  hostConnected(): void {
    if (isServer as boolean) return;
    shown.set(this.#host, localeOf(this.#host));
    // It may have been moved to where another language is.
    this.#host.requestUpdate();
  }

  hostDisconnected(): void {
    shown.delete(this.#host);
  }

  hostUpdated(): void {
    if (hydrating.delete(this.#host)) updateShown();
  }
}
