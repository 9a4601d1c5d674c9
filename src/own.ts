/*
 * A script on the page may have put something on `Object.prototype`, on purpose or by merging data into an object
 * without care. Nothing here may go by that: neither an address, nor an answer, nor whether an element works.
 */

/** A property of the object itself, or undefined: what it inherits does not count. */
export const own = <T extends object, Key extends keyof T>(
  object: T,
  key: Key,
): T[Key] | undefined => (Object.hasOwn(object, key) ? object[key] : undefined);

/**
 * The same members without anything inherited. For every options object that the platform gets, as browsers read what
 * those inherit too, and for data of which some members may be missing. An instance of a class stays as it is.
 */
export const dictionary = <T extends object>(members: T): T =>
  Object.getPrototypeOf(members) === Object.prototype ? { __proto__: null, ...members } : members;

/**
 * A listener for a template. Lit gives the listener to `addEventListener` as its options too, and a function
 * would inherit `once` or `signal`.
 */
export const listener = <E extends Event>(handleEvent: (event: E) => unknown) =>
  dictionary({ handleEvent });

/** What JSON says, each object of it without anything inherited. */
export const parseJson = (text: string): unknown =>
  JSON.parse(text, (_key, value: unknown) =>
    typeof value === 'object' && value !== null ? dictionary(value) : value,
  );
