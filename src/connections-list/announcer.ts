import type { Connection } from '../connection.js';
import type { Locale } from '../localization/locale.js';
import type { ListModel } from './model.js';

/** Announces to screen readers what has happened to a row. */
export class Announcer {
  readonly #model: ListModel;
  readonly #locale: () => Locale;
  #text = '';

  constructor(model: ListModel, locale: () => Locale) {
    this.#model = model;
    this.#locale = locale;
  }

  get text(): string {
    return this.#text;
  }

  /** Call this before each action: a screen reader doesn't repeat the same text. */
  clear = (): void => {
    this.#text = '';
  };

  notSaved(connection: Connection): void {
    const locale = this.#locale();
    this.#text = this.#labelOf(connection) + locale.text('separator') + locale.text('notSaved');
  }

  disconnected(connection: Connection): void {
    this.#text = this.#locale().text('disconnected', { what: this.#labelOf(connection) });
  }

  #labelOf({ key, platform }: Connection): string {
    return this.#model.entryOf(key)?.label ?? platform;
  }
}
