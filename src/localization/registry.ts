import { en } from '../locales/en.js';
import { Locale, scriptOf } from './locale.js';
import type { Strings } from './strings.js';

/** The strings of a language. Entries with `isOfPage` come from `setStrings()` and win. */
type LocaleEntry = [tag: string, strings: Partial<Strings>, isOfPage?: true];

/**
 * The global array that locale files add their strings to. They import nothing, so that one file works with every build,
 * as a script or a module, and with several copies of this package. An element's id can't shadow a symbol.
 */
export type LocaleScope = Record<symbol, LocaleEntry[] | undefined>;

const loaded = ((globalThis as LocaleScope)[Symbol.for('pica-connect.locales')] ??= []);

/** The English strings, which stand in for those that another language lacks. */
const english: Partial<Strings> = { ...en };

/** Cached by the value of `lang`. */
const locales = new Map<string, Locale>();

let stringsListener = () => {};
let loadLocale: ((name: string) => void) | undefined;

const push = loaded.push.bind(loaded);
loaded.push = (...added) => {
  const count = push(...added);
  locales.clear();
  stringsListener();
  return count;
};

/** Whether `english` has the strings of every element. */
let isComplete = false;

/** Adds the English strings of the list, which not every page has. */
export function addEnglish(strings: Partial<Strings>): void {
  Object.assign(english, strings);
  isComplete = true;
  locales.clear();
}

/** Loads languages when the page needs them. Without a loader, the page has to import them. */
export function setLocaleLoader(loader: (name: string) => void): void {
  loadLocale = loader;
  locales.clear();
  stringsListener();
}

/** Calls `listener` whenever strings are added. There is one listener. */
export function onStringsChange(listener: () => void): void {
  stringsListener = listener;
}

/**
 * Replaces strings of one language with the page's own, in every element. Strings for `de` apply to `de-AT` too, and
 * strings for `de-AT` win over them. The language can be one that pica-connect doesn't have: strings that are not given
 * are English.
 * @throws TypeError for an invalid language tag, an unknown string, or a value of the wrong type.
 */
export function setStrings(language: string, strings: Partial<Strings>): void {
  const known = parse(language);
  // Strings of parts that are not loaded can't be checked: those that `debug` shows, and the list's.
  const wrong = Object.entries(strings).find(
    ([key, string]) =>
      (Object.hasOwn(english, key) || (isComplete && !key.startsWith('debug'))) &&
      typeof string !== typeof english[key as keyof Strings],
  );
  if (!known || wrong) {
    throw new TypeError(
      `setStrings: "${wrong?.[0] ?? language}" is ${wrong ? 'not a string, or not of this type' : 'not a language tag'}.`,
    );
  }
  loaded.push([known.tag, strings, true]);
}

/** Whether an element's language matters. It doesn't while there is only English. */
export const hasLanguages = (): boolean => loadLocale !== undefined || loaded.length > 0;

/** The locale for a value of `lang`, or the nearest one: `de` for `de-AT`, and English if there is no other. */
export function localeFor(lang: string): Locale {
  let locale = locales.get(lang);
  if (!locale) locales.set(lang, (locale = createLocale(lang)));
  return locale;
}

function createLocale(lang: string): Locale {
  const { tag, language, file } = parse(lang) ?? defaultLanguage;
  if (loaded.every(([name]) => name !== file)) loadLocale?.(file);
  // Later ones win: the page's own over ours, and those of a region over those of its language.
  const found = [undefined, true].flatMap((isOfPage) =>
    [language, file, tag].flatMap((name) =>
      loaded.filter((one) => one[0] === name && one[2] === isOfPage).map(([, strings]) => strings),
    ),
  );
  if (found.length === 0 && language !== 'en') return localeFor('en');
  return new Locale(tag, Object.assign({}, english, ...found) as Strings);
}

const defaultLanguage = { tag: 'en', language: 'en', file: 'en' } as const;

/** @returns undefined for an invalid tag, such as an empty `lang`. */
function parse(lang: string) {
  try {
    // Some content management systems write `de_DE`. `Intl.Locale` also knows that `iw` is `he`.
    const locale = new Intl.Locale(lang.replaceAll('_', '-'));
    const { language, baseName: tag } = locale;
    // Hong Kong writes traditional Chinese too.
    const chinese = language === 'zh' && scriptOf(tag) === 'Hant' ? 'zh-TW' : 'zh-CN';
    const file = language === 'zh' ? chinese : language === 'pt' ? 'pt-BR' : language;
    return { tag, language, file } as const;
  } catch {
    return undefined;
  }
}
