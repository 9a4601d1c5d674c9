import { type ComplexAttributeConverter, defaultConverter, type PropertyDeclaration } from 'lit';
import type { ConnectOptions } from './connect-options.js';
import { elementsOnPage } from './localization/locale-controller.js';

/** What `configure()` sets for all elements of a page. */
export type PageDefaults = {
  [Name in keyof ConnectOptions]?: ConnectOptions[Name] | null | undefined;
} & {
  /** Where the files beside the one-file build lie, for example `https://cdn.example/pica/`. */
  files?: string | null | undefined;
};

type Values = Map<string, unknown>;

/** Called before a change of these options. @returns what is called after it. */
type Follower = (names: readonly string[]) => () => void;

/** One for a page, however many copies of this package it has: only one of them has registered the elements. */
interface Shared {
  configured: Values;
  /** What script tags say, which counts less. */
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

/** The options that both elements have, as they declare them. */
const declarations = new Map<string, PropertyDeclaration>();

/** Lets the page set an option of the elements. */
export function declareOption(name: string, declaration: PropertyDeclaration): void {
  declarations.set(name, declaration);
}

/** What the page has set for all its elements; null for what it has not. */
export const pageDefault = (name: string): unknown =>
  shared.configured.get(name) ?? shared.tagged.get(name) ?? null;

/** Calls a follower before each change of what the page sets, and what that returns after it. */
export function followPageDefaults(follower: Follower): void {
  shared.followers.add(follower);
}

/**
 * Sets options for all elements of the page, those that are there and those that come. An element's own attribute
 * or property wins. A second call adds to the first; null or undefined takes an option back. Call it in browsers
 * only: a server would use it for every user.
 *
 * ```js
 * configure({ tokenUrl: '/api/authkit/token', connectionsUrl: '/api/connections' });
 * ```
 * @throws TypeError for an option that does not exist; then nothing is set.
 */
export function configure(options: PageDefaults): void {
  const entries = Object.entries(options);
  const names = [...declarations.keys(), 'files'];
  const unknown = entries.find(([name]) => !names.includes(name));
  if (unknown) {
    throw new TypeError(
      `configure: there is no option "${unknown[0]}". The options are ${names.join(', ')}.`,
    );
  }
  set(shared.configured, entries);
}

/** Sets the same by the `data-` attributes of a script tag, which are spelled as on the elements. */
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
  const finish = [...shared.followers].map((follower) => follower(names));
  for (const [name, value] of entries) values.set(name, value);
  for (const one of finish) one();
}

followPageDefaults((names) => {
  const before = [...elementsOnPage()].map((element) => ({
    element,
    values: names.map((name) => Reflect.get(element, name) as unknown),
  }));
  return () => {
    for (const { element, values } of before) {
      // Lit compares: what an element has set itself is as it was.
      names.forEach((name, index) => element.requestUpdate(name, values[index]));
    }
  };
});
