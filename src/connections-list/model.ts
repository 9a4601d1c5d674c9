import type { Connection } from '../connection.js';
import { normalizeConnections } from '../normalize-connections.js';
import type { PicaError } from '../errors.js';
import { type Integration, normalizeIntegrations } from '../integration.js';
import type { Locale } from '../localization/locale.js';
import { own } from '../hardening/prototype-pollution.js';
import { createSortedEntries, type Entry } from './sorted-entries.js';
import { categoriesOf, createOffers } from './offers.js';
import type { RowState } from './row-states.js';

/** What is computed from the connections and integrations. */
interface Derived {
  entries: Entry[];
  offers: Integration[];
  categories: string[];
  locale: Locale;
}

/** The list's connections and integrations, normalized and sorted. */
export class ListModel {
  #connections: Connection[] | undefined;
  #integrations: Integration[] = [];
  #byPlatform = new Map<string, Integration>();
  #refused: PicaError[] = [];
  #cache: Derived | undefined;

  readonly #locale: () => Locale;
  readonly #stateOf: (connection: Connection) => RowState;

  /**
   * @param locale returns the user's locale, which determines the order of names.
   * @param phaseOf returns the state of a connection that is not stored yet.
   */
  constructor(locale: () => Locale, phaseOf: (key: string) => RowState | undefined) {
    this.#locale = locale;
    this.#stateOf = (connection) =>
      phaseOf(connection.key) ??
      (own(connection, 'confirmed') === false ? 'checking' : connection.state);
  }

  /** Undefined until they are set. */
  get connections(): Connection[] | undefined {
    return this.#connections;
  }

  get integrations(): Integration[] {
    return this.#integrations;
  }

  get categories(): string[] {
    return this.#derived.categories;
  }

  get entries(): Entry[] {
    return this.#derived.entries;
  }

  get offers(): Integration[] {
    return this.#derived.offers;
  }

  entryOf(key: string): Entry | undefined {
    return this.#derived.entries.find(({ connection }) => connection.key === key);
  }

  integrationOf(platform: string): Integration | undefined {
    return this.#byPlatform.get(platform);
  }

  /** When the newest connection was created, as a timestamp in milliseconds. */
  get newest(): number | undefined {
    let newest = '';
    for (const connection of this.#connections ?? []) {
      const time = own(connection, 'createdAt') ?? '';
      // ISO 8601 in UTC sorts as text.
      if (time > newest) newest = time;
    }
    return newest ? Date.parse(newest) : undefined;
  }

  setConnections(rows: readonly unknown[] | null | undefined): void {
    const { connections, refused } = normalizeConnections(rows ?? []);
    this.#connections = rows ? connections : undefined;
    this.#refused = [...this.#refused, ...refused];
    this.#cache = undefined;
  }

  setIntegrations(rows: readonly unknown[] | null | undefined): void {
    this.#integrations = normalizeIntegrations(rows ?? []);
    this.#byPlatform = new Map(this.#integrations.map((row) => [row.platform, row]));
    this.#cache = undefined;
  }

  /** Call this when a row's state has changed. */
  invalidate(): void {
    this.#cache = undefined;
  }

  /** Returns the errors of refused rows, each only once. */
  takeRefused(): PicaError[] {
    return this.#refused.splice(0);
  }

  get #derived(): Derived {
    const locale = this.#locale();
    if (this.#cache?.locale !== locale) this.#cache = undefined;
    const connections = this.#connections ?? [];
    this.#cache ??= {
      entries: createSortedEntries(connections, this.#byPlatform, this.#stateOf, locale),
      offers: createOffers(this.#integrations, connections, locale.language),
      categories: categoriesOf(this.#integrations, locale.language),
      locale,
    };
    return this.#cache;
  }
}
