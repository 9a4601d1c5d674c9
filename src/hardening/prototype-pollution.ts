/*
 * Protection from prototype pollution. A script may have added properties to `Object.prototype`, on purpose or by merging
 * data carelessly. They must neither redirect a request, nor change an answer, nor break an element.
 */

/** Returns the object's own property, or undefined if it has none or inherits it. */
export const own = <T extends object, Key extends keyof T>(
  object: T,
  key: Key,
): T[Key] | undefined => (Object.hasOwn(object, key) ? object[key] : undefined);

/**
 * Copies an object so that it inherits nothing. Use it for all options that are passed to the platform, because browsers
 * read inherited options too, and for data whose members may be missing. Instances of classes are returned unchanged.
 */
export const dictionary = <T extends object>(members: T): T =>
  Object.getPrototypeOf(members) === Object.prototype ? { __proto__: null, ...members } : members;

/**
 * Removes `Object.prototype` from the prototype chain of a class. Use it for classes with optional methods that other
 * code calls if they exist, as Lit does with those of controllers.
 */
export const inheritNothing = ({ prototype }: { prototype: object }): void => {
  Object.setPrototypeOf(prototype, null);
};

/**
 * Wraps a listener for a template. Lit passes the listener to `addEventListener` as the options too, where a function
 * could inherit `once` or `signal`.
 */
export const listener = <E extends Event>(handleEvent: (event: E) => unknown) =>
  dictionary({ handleEvent });

/** Parses JSON into objects that inherit nothing. */
export const parseJson = (text: string): unknown =>
  JSON.parse(text, (_key, value: unknown) =>
    typeof value === 'object' && value !== null ? dictionary(value) : value,
  );
