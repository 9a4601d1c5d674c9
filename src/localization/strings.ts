import type { debugStrings } from './debug-strings.js';
import type { en } from '../locales/en.js';

/** The forms of a text that has a number in it, by `Intl.PluralRules`. */
export type PluralForms = Readonly<
  Partial<Record<Intl.LDMLPluralRule, string>> & { other: string }
>;

type English = typeof en & typeof debugStrings;

/** Every text, as a locale or a page gives it. `src/locales/en.ts` says what each is, and what is put in. */
export type Strings = {
  readonly [Key in keyof English]: English[Key] extends string ? string : PluralForms;
};

/** The names in braces. */
type Placeholder<Text> = Text extends { other: infer Other }
  ? Placeholder<Other>
  : Text extends `${string}{${infer Name}}${infer Rest}`
    ? Name | Placeholder<Rest>
    : never;

/** What has to be put into a text: nothing, or a value for each of its placeholders. */
export type Values<Text> = [Placeholder<Text>] extends [never]
  ? []
  : [values: Record<Placeholder<Text>, string | number>];

/** Puts values in, numbers as they are written in the language. What a value has in braces stays as it is. */
export function fill(
  text: string,
  values: Partial<Record<string, string | number>>,
  language: string,
): string {
  return text.replace(/\{(\w+)\}/g, (placeholder, name: string) => {
    const value = values[name] ?? placeholder;
    return typeof value === 'number' ? new Intl.NumberFormat(language).format(value) : value;
  });
}
