import type { debugStrings } from './debug-strings.js';
import type { listStrings } from './list-strings.js';
import type { en } from '../locales/en.js';

/** The forms of a string that contains a number, by the plural categories of `Intl.PluralRules`. */
export type PluralForms = Readonly<
  Partial<Record<Intl.LDMLPluralRule, string>> & { other: string }
>;

/** The strings that `Locale` has. Those for `debug` come with the diagnosis. */
export type LocaleStrings = typeof en & typeof listStrings;

type English = LocaleStrings & typeof debugStrings;

/**
 * Every string, as a locale or a page gives it. `locales/en.ts` and `list-strings.ts` have the English ones,
 * with their placeholders.
 */
export type Strings = {
  readonly [Key in keyof English]: English[Key] extends string ? string : PluralForms;
};

/** The names of a string's placeholders. */
type Placeholder<Text> = Text extends { other: infer Other }
  ? Placeholder<Other>
  : Text extends `${string}{${infer Name}}${infer Rest}`
    ? Name | Placeholder<Rest>
    : never;

/** The arguments for a string: none, or a value for each of its placeholders. */
export type Values<Text> = [Placeholder<Text>] extends [never]
  ? []
  : [values: Record<Placeholder<Text>, string | number>];

/**
 * Replaces the placeholders of a string, such as `{name}`. Numbers are formatted for the language. Braces in a value
 * are left alone.
 */
export function interpolate(
  text: string,
  values: Partial<Record<string, string | number>>,
  language: string,
): string {
  // Most strings have no placeholder, and thousands of rows use them.
  if (!text.includes('{')) return text;
  return text.replace(/\{(\w+)\}/g, (placeholder, name: string) => {
    const value = values[name] ?? placeholder;
    return typeof value === 'number' ? new Intl.NumberFormat(language).format(value) : value;
  });
}
