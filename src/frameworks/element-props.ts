import type { LitElement } from 'lit';

/*
 * The properties, attributes and events of an element, derived from its class so that they cannot become out of date.
 * The types for JSX, React and Vue are made from them.
 */

/* eslint-disable @typescript-eslint/no-unnecessary-type-parameters -- TypeScript compares the conditions of such functions exactly, including `readonly`. There is no other way to see it. */
/** Whether a property can be written. */
type IsWritable<E, Key extends keyof E> =
  (<T>() => T extends { [K in Key]: E[K] } ? 1 : 2) extends <T>() => T extends {
    -readonly [K in Key]: E[K];
  }
    ? 1
    : 2
    ? true
    : false;

/** The writable properties that an element adds to `LitElement`. */
export type Properties<E> = {
  [
    Key in keyof E as Key extends keyof LitElement
      ? never
      : E[Key] extends (...args: never[]) => unknown
        ? never
        : IsWritable<E, Key> extends true
          ? Key
          : never
  ]?: E[Key] | undefined;
};

type Kebab<Name extends string> = Name extends `${infer First}${infer Rest}`
  ? `${First extends Lowercase<First> ? First : `-${Lowercase<First>}`}${Kebab<Rest>}`
  : Name;

/** The type of an attribute for a property: text, a number or a boolean. Objects are JSON text. */
type AttributeValue<Value> = [Exclude<Value, string | null | undefined>] extends [never]
  ? Value
  : Value extends boolean
    ? boolean | ''
    : Value extends number
      ? Value | string
      : string;

/** The attributes of these properties. The two arrays have none. */
export type Attributes<E> = {
  [
    Key in keyof Properties<E> as Key extends 'connections' | 'integrations'
      ? never
      : Kebab<Key & string>
  ]?: AttributeValue<Properties<E>[Key]> | undefined;
};

/** The events of both elements. */
type SharedEvent = 'pica-open' | 'pica-success' | 'pica-error' | 'pica-close';
type ListEvent = 'pica-load' | 'pica-connect' | 'pica-disconnect';

/** The names of an element's events. The list is recognized by its method `refresh()`. */
export type EventNames<E> = E extends { refresh: unknown } ? SharedEvent | ListEvent : SharedEvent;

/** The type of a handler, by the event's name. */
export type Handler<Name extends keyof HTMLElementEventMap> = (
  event: HTMLElementEventMap[Name],
) => void;
