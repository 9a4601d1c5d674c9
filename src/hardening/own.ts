/*
 * A script on the page may have added properties to `Object.prototype`, on purpose or by merging data carelessly. They
 * must not change what the elements do: no address, no answer, and not whether an element works at all.
 */

/** The object's own property, or undefined; inherited ones do not count. */
export const own = <T extends object, Key extends keyof T>(
  object: T,
  key: Key,
): T[Key] | undefined => (Object.hasOwn(object, key) ? object[key] : undefined);

/**
 * A copy that inherits nothing. Use it for every options object passed to the platform, because browsers read inherited
 * options too, and for data whose members may be missing. Instances of classes are returned unchanged.
 */
export const dictionary = <T extends object>(members: T): T =>
  Object.getPrototypeOf(members) === Object.prototype ? { __proto__: null, ...members } : members;

/**
 * Lets the instances of a class inherit only what its own code gives them. For classes of which others call a method
 * where there is one, as Lit does with controllers.
 */
export const inheritNothing = ({ prototype }: { prototype: object }): void => {
  Object.setPrototypeOf(prototype, null);
};

/**
 * A listener for a template. Lit passes the listener to `addEventListener` as the options too, and a function could
 * inherit `once` or `signal`.
 */
export const listener = <E extends Event>(handleEvent: (event: E) => unknown) =>
  dictionary({ handleEvent });

/** Parses JSON into objects that inherit nothing. */
export const parseJson = (text: string): unknown =>
  JSON.parse(text, (_key, value: unknown) =>
    typeof value === 'object' && value !== null ? dictionary(value) : value,
  );
