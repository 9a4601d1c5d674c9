import type { en } from '../locales/en.js';
import { fill, type Strings, type Values } from './strings.js';

/** A language with its texts. One is made for each language of a page, and another when texts change. */
export class Locale {
  /** @param language a BCP 47 tag, for `Intl` and for `lang`. */
  constructor(
    readonly language: string,
    readonly strings: Pick<Strings, keyof typeof en> & Partial<Strings>,
  ) {}

  get dir(): 'ltr' | 'rtl' {
    return /Arab|Hebr/.test(scriptOf(this.language) ?? '') ? 'rtl' : 'ltr';
  }

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

/**
 * The script that a language is written in, by its BCP 47 tag. Not for every page that only has a button: the first
 * answer takes Chromium 156 some 5 to 10 ms, which is half of all that the script does there.
 */
export function scriptOf(tag: string): string | undefined {
  return new Intl.Locale(tag).maximize().script;
}
