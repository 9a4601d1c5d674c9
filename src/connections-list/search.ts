import { html, nothing, type ReactiveControllerHost } from 'lit';
import type { Locale } from '../localization/locale.js';
import type { Integration } from '../integration.js';
import { listener, own } from '../hardening/prototype-pollution.js';
import { type Entry, shorten } from './sorted-entries.js';

/** Shorter lists have no search field. */
const minRows = 9;

/** The search field and the category filter. */
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

  /** Whether a query or a category filters the rows. */
  get isActive(): boolean {
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

  /** Clears a category that no longer exists: it would hide all rows for no visible reason. */
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
    if (rowCount < minRows && !this.isActive && !this.#hasFocus) return nothing;
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

  /** Whether each word of the query occurs in the fields or the category. */
  #matches(row: object, category: string | undefined, fields: string[]): boolean {
    if (this.#category && category !== this.#category) return false;
    if (this.#words.length === 0) return true;
    let text = this.#folded.get(row);
    if (text === undefined) {
      text = fold([...fields, category].join('\n'));
      this.#folded.set(row, text);
    }
    return this.#words.every((word) => text.includes(word));
  }

  #setQuery(query: string): void {
    this.#query = query;
    this.#words = fold(query).split(/\s+/).filter(Boolean);
    this.#host.requestUpdate();
  }

  /** Keeps the field while it has the focus, even if few rows are left. */
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

/** Removes case and diacritics, so that "ever" finds "Évernote". */
function fold(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
}
