import { en } from '../locales/en.js';
import { Locale, scriptOf } from './locale.js';
import type { Strings } from './strings.js';

/** The texts that there are, of a language or, with `isOfPage`, of the page itself. */
type LocaleEntry = [tag: string, texts: Partial<Strings>, isOfPage?: true];

/**
 * Where the file of a language puts its texts. It imports nothing, so that it serves whatever build, or builds, a
 * page has, by a tag or as a module. No element's id can stand before a symbol.
 */
export type LocaleScope = Record<symbol, LocaleEntry[] | undefined>;

const loaded = ((globalThis as LocaleScope)[Symbol.for('pica-connect.locales')] ??= []);
const locales = new Map<string, Locale>();
let onTextsChange = () => {};
let loadLocale: ((name: string) => void) | undefined;

const push = loaded.push.bind(loaded);
loaded.push = (...added) => {
  const count = push(...added);
  locales.clear();
  onTextsChange();
  return count;
};

/** Lets languages that the page names be loaded by themselves. Without it, a page imports those that it needs. */
export function setLocaleLoader(loader: (name: string) => void): void {
  loadLocale = loader;
  locales.clear();
  onTextsChange();
}

/** Calls `listener` whenever there are other texts than before. */
export function followTexts(listener: () => void): void {
  onTextsChange = listener;
}

/**
 * Puts a page's own texts in place of ours, in one language, for every element. `de` is for `de-AT` too, and
 * what is given for `de-AT` goes before it. A language that pica-connect does not have can be given in the
 * same way; what it lacks is English.
 * @throws TypeError for what is no language, and for a text that there is not.
 */
export function setStrings(language: string, strings: Partial<Strings>): void {
  const known = parse(language);
  // What `debug` shows is not loaded yet.
  const wrong = Object.entries(strings).find(
    ([key, text]) => !key.startsWith('debug') && typeof text !== typeof en[key as keyof typeof en],
  );
  if (!known || wrong) {
    throw new TypeError(
      `setStrings: "${wrong?.[0] ?? language}" is ${wrong ? 'no text, or not of this type' : 'no language tag'}.`,
    );
  }
  loaded.push([known.tag, strings, true]);
}

/** Whether it makes any difference which language an element is in: not while there is nothing but English. */
export const hasLanguages = (): boolean => loadLocale !== undefined || loaded.length > 0;

/** The texts for a value of `lang`, or the nearest that there are: `de` for `de-AT`, and at last English. */
export function localeFor(lang: string): Locale {
  let locale = locales.get(lang);
  if (!locale) locales.set(lang, (locale = createLocale(lang)));
  return locale;
}

function createLocale(lang: string): Locale {
  const { tag, language, file } = parse(lang) ?? english;
  if (loaded.every(([name]) => name !== file)) loadLocale?.(file);
  const texts = [undefined, true].flatMap((isOfPage) =>
    [language, file, tag].flatMap((name) =>
      loaded.filter((one) => one[0] === name && one[2] === isOfPage).map(([, strings]) => strings),
    ),
  );
  if (texts.length === 0 && language !== 'en') return localeFor('en');
  return new Locale(tag, Object.assign({}, en, ...texts) as Strings);
}

const english = { tag: 'en', language: 'en', file: 'en' } as const;

/** Undefined for what is no language, such as an empty `lang`. */
function parse(lang: string) {
  try {
    // As some content management systems write it: `de_DE`. Also knows that `iw` is `he`.
    const locale = new Intl.Locale(lang.replaceAll('_', '-'));
    const { language, baseName: tag } = locale;
    // What is written in Hong Kong.
    const chinese = language === 'zh' && scriptOf(tag) === 'Hant' ? 'zh-TW' : 'zh-CN';
    const file = language === 'zh' ? chinese : language === 'pt' ? 'pt-BR' : language;
    return { tag, language, file } as const;
  } catch {
    return undefined;
  }
}
