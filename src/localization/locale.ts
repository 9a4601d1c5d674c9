import type { en } from '../locales/en.js';
import { fill, type Strings, type Values } from './strings.js';

/** A language with its texts. One is made for each language of a page, and another when texts change. */
export class Locale {
  /** @param language a BCP 47 tag, for `Intl` and for `lang`. */
  constructor(
    readonly language: string,
    readonly dir: 'ltr' | 'rtl',
    readonly strings: Pick<Strings, keyof typeof en> & Partial<Strings>,
  ) {}

  text<Key extends keyof typeof en>(key: Key, ...[values]: Values<(typeof en)[Key]>): string {
    const string: Strings[keyof typeof en] = this.strings[key];
    const given: { count?: number } = values ?? {};
    return fill(
      typeof string === 'string'
        ? string
        : (string[new Intl.PluralRules(this.language).select(given.count ?? 0)] ?? string.other),
      given,
      this.language,
    );
  }
}
