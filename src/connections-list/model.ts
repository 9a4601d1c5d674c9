import type { Connection } from '../connection.js';
import { normalizeConnections } from '../normalize-connections.js';
import type { PicaError } from '../errors.js';
import { type Integration, normalizeIntegrations } from '../integration.js';
import type { Locale } from '../localization/locale.js';
import { own } from '../hardening/own.js';
import { createEntries, type Entry } from './entries.js';
import { categoriesOf, createOffers } from './offers.js';
import type { RowState } from './row-states.js';

interface Views {
  entries: Entry[];
  offers: Integration[];
  categories: string[];
  locale: Locale;
}

/** What the list holds, checked at its door, and what it shows of that. */
export class ListModel {
  #connections: Connection[] | undefined;
  #integrations: Integration[] = [];
  #byPlatform = new Map<string, Integration>();
  #refused: PicaError[] = [];
  #views: Views | undefined;

  readonly #locale: () => Locale;
  readonly #stateOf: (connection: Connection) => RowState;

  /** @param locale the reader's, in whose order names are. */
  constructor(locale: () => Locale, stateOf: (connection: Connection) => RowState) {
    this.#locale = locale;
    this.#stateOf = stateOf;
  }

  /** Undefined until something was given. */
  get connections(): Connection[] | undefined {
    return this.#connections;
  }

  get integrations(): Integration[] {
    return this.#integrations;
  }

  get categories(): string[] {
    return this.#shown.categories;
  }

  get entries(): Entry[] {
    return this.#shown.entries;
  }

  get offers(): Integration[] {
    return this.#shown.offers;
  }

  integrationOf(platform: string): Integration | undefined {
    return this.#byPlatform.get(platform);
  }

  /** When the newest connection was made, in milliseconds. */
  get newest(): number | undefined {
    const times = (this.#connections ?? []).flatMap((one) => own(one, 'createdAt') ?? []);
    // ISO 8601 in UTC sorts as text.
    const newest = times.reduce((latest, time) => (time > latest ? time : latest), '');
    return newest ? Date.parse(newest) : undefined;
  }

  setConnections(rows: readonly unknown[] | null | undefined): void {
    const { connections, refused } = normalizeConnections(rows ?? []);
    this.#connections = rows ? connections : undefined;
    this.#refused = [...this.#refused, ...refused];
    this.#views = undefined;
  }

  setIntegrations(rows: readonly unknown[] | null | undefined): void {
    this.#integrations = normalizeIntegrations(rows ?? []);
    this.#byPlatform = new Map(this.#integrations.map((row) => [row.platform, row]));
    this.#views = undefined;
  }

  /** A row's state has changed: the views are built again. */
  review(): void {
    this.#views = undefined;
  }

  /** The errors of rows that were refused since this was last asked. */
  takeRefused(): PicaError[] {
    return this.#refused.splice(0);
  }

  /** All others. */
  without(key: string): Connection[] {
    return (this.#connections ?? []).filter((connection) => connection.key !== key);
  }

  get #shown(): Views {
    const locale = this.#locale();
    if (this.#views?.locale !== locale) this.#views = undefined;
    const connections = this.#connections ?? [];
    this.#views ??= {
      entries: createEntries(connections, this.#byPlatform, this.#stateOf, locale),
      offers: createOffers(this.#integrations, connections, locale.language),
      categories: categoriesOf(this.#integrations, locale.language),
      locale,
    };
    return this.#views;
  }
}
