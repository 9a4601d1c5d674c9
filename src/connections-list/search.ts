import { html, nothing, type ReactiveControllerHost } from 'lit';
import type { Locale } from '../localization/locale.js';
import type { Integration } from '../integration.js';
import { listener, own } from '../hardening/own.js';
import { type Entry, shorten } from './entries.js';

/** From this many rows on there is a search field. */
const manyRows = 9;

/** The search field and the category filter, and what they let through. */
export class ListSearch {
  readonly #host: ReactiveControllerHost;
  readonly #folded = new WeakMap<object, string>();
  #query = '';
  #words: string[] = [];
  #category = '';
  #hasFocus = false;

  constructor(host: ReactiveControllerHost) {
    this.#host = host;
  }

  /** Whether something is being looked for. */
  get isOn(): boolean {
    return this.#words.length > 0 || this.#category !== '';
  }

  get query(): string {
    return this.#query.trim();
  }

  get category(): string {
    return this.#category;
  }

  clear(): void {
    this.#category = '';
    this.#setQuery('');
  }

  /** Nothing is in a category that is gone, and nobody could see why. */
  keepCategoryOf(integrations: readonly Integration[]): void {
    if (!integrations.some(({ category }) => category === this.#category)) this.#category = '';
  }

  matchesEntry = (entry: Entry): boolean => {
    const { name, account, connection, integration } = entry;
    return this.#matches(entry, integration && own(integration, 'category'), [
      name,
      account,
      connection.platform,
    ]);
  };

  matchesOffer = (offer: Integration): boolean =>
    this.#matches(offer, own(offer, 'category'), [offer.name, offer.platform]);

  render(rowCount: number, categories: readonly string[], locale: Locale) {
    if (rowCount < manyRows && !this.isOn && !this.#hasFocus) return nothing;
    return html`<div
      part="search"
      role="search"
      @focusin=${listener(this.#onFocusIn)}
      @focusout=${listener(this.#onFocusOut)}
    >
      <input
        type="search"
        .value=${this.#query}
        aria-label=${locale.text('search')}
        placeholder=${locale.text('search')}
        autocomplete="off"
        @input=${listener(this.#onInput)}
      />
      ${
        categories.length > 1 || this.#category
          ? html`<span class="select"
              ><select
                aria-label=${locale.text('category')}
                @change=${listener(this.#onCategoryChange)}
              >
                <option value="">${locale.text('allCategories')}</option>
                ${categories.map(
                  (category) =>
                    html`<option .value=${category} .selected=${category === this.#category}>
                      ${shorten(category)}
                    </option>`,
                )}
              </select></span
            >`
          : nothing
      }
    </div>`;
  }

  /** Every word of the query has to be somewhere in the texts or the category. */
  #matches(row: object, category: string | undefined, texts: string[]): boolean {
    if (this.#category && category !== this.#category) return false;
    if (this.#words.length === 0) return true;
    let text = this.#folded.get(row);
    if (text === undefined) {
      text = fold([...texts, category].join('\n'));
      this.#folded.set(row, text);
    }
    return this.#words.every((word) => text.includes(word));
  }

  #setQuery(query: string): void {
    this.#query = query;
    this.#words = fold(query).split(/\s+/).filter(Boolean);
    this.#host.requestUpdate();
  }

  /** The field does not go while somebody is in it. */
  #onFocusIn = () => {
    this.#hasFocus = true;
  };

  #onFocusOut = () => {
    this.#hasFocus = false;
    this.#host.requestUpdate();
  };

  #onInput = (event: Event) => {
    this.#setQuery((event.target as HTMLInputElement).value);
  };

  #onCategoryChange = (event: Event) => {
    this.#category = (event.target as HTMLSelectElement).value;
    this.#host.requestUpdate();
  };
}

/** Without case and diacritics: "Évernote" is found by "ever". */
function fold(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
}
