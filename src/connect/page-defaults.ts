import { type ComplexAttributeConverter, defaultConverter, type PropertyDeclaration } from 'lit';
import type { ConnectOptions } from './options.js';
import { elementsOnPage } from '../localization/locale-controller.js';

/** The options of `configure()`: defaults for all elements of a page. */
export type PageDefaults = {
  [Name in keyof ConnectOptions]?: ConnectOptions[Name] | null | undefined;
} & {
  /** The folder with the one-file build's other files, for example `https://cdn.example/pica/`. */
  files?: string | null | undefined;
};

type Values = Map<string, unknown>;

/** Called before these options change. @returns a function to call after the change. */
type Follower = (names: readonly string[]) => () => void;

/** All copies of this package on a page share one object, because only one copy has registered the elements. */
interface Shared {
  configured: Values;
  /** From script tags; `configured` wins. */
  tagged: Values;
  followers: Set<Follower>;
}

const shared = ((globalThis as Record<symbol, Shared | undefined>)[
  Symbol.for('pica-connect.defaults')
] ??= {
  configured: new Map<string, unknown>(),
  tagged: new Map<string, unknown>(),
  followers: new Set<Follower>(),
});

/** The declarations of the options that both elements have, by property name. */
const declarations = new Map<string, PropertyDeclaration>();

/** Lets the page set this option of the elements. */
export function declareOption(name: string, declaration: PropertyDeclaration): void {
  declarations.set(name, declaration);
}

/** The page's default for an option; null if it has none. */
export const pageDefault = (name: string): unknown =>
  shared.configured.get(name) ?? shared.tagged.get(name) ?? null;

/** Calls `follower` before each change of the page's defaults, and the function that it returns after the change. */
export function followPageDefaults(follower: Follower): void {
  shared.followers.add(follower);
}

/**
 * Sets options for all elements of the page, present and future. An element's own attribute or property wins. Further
 * calls add to the first; null or undefined removes an option. Call it in browsers only: a server would share the options
 * among all users.
 *
 * ```js
 * configure({ tokenUrl: '/api/authkit/token', connectionsUrl: '/api/connections' });
 * ```
 * @throws TypeError for an unknown option. Then nothing is set.
 */
export function configure(options: PageDefaults): void {
  const entries: [string, unknown][] = Object.entries(options);
  const names = [...declarations.keys(), 'files'];
  const unknown = entries.find(([name]) => !names.includes(name));
  if (unknown) {
    throw new TypeError(
      `configure: there is no option "${unknown[0]}". The options are ${names.join(', ')}.`,
    );
  }
  // A URL object works for the browser, but the rules for headers and placeholders compare strings.
  const isAddress = ([name, value]: [string, unknown]) => name.endsWith('Url') && value != null;
  set(
    shared.configured,
    entries.map((entry) => (isAddress(entry) ? [entry[0], String(entry[1] as URL)] : entry)),
  );
}

/** Reads defaults from a script tag: the elements' attributes with `data-` in front, for example `data-token-url`. */
export function readPageDefaults(script: HTMLScriptElement): void {
  const entries: [string, unknown][] = [];
  for (const [name, { attribute, type, converter }] of declarations) {
    const text = script.getAttribute(`data-${typeof attribute === 'string' ? attribute : name}`);
    const reader = (converter ?? defaultConverter) as ComplexAttributeConverter;
    if (text !== null) entries.push([name, reader.fromAttribute?.(text, type)]);
  }
  set(shared.tagged, entries);
}

function set(values: Values, entries: [string, unknown][]): void {
  const names = entries.map(([name]) => name);
  const callbacks = [...shared.followers].map((follower) => follower(names));
  for (const [name, value] of entries) values.set(name, value);
  for (const onChanged of callbacks) onChanged();
}

followPageDefaults((names) => {
  const before = [...elementsOnPage()].map((element) => ({
    element,
    values: names.map((name) => Reflect.get(element, name) as unknown),
  }));
  return () => {
    for (const { element, values } of before) {
      // Lit compares with the old value, so an element with a value of its own does not update.
      names.forEach((name, index) => element.requestUpdate(name, values[index]));
    }
  };
});
