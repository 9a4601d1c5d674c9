import type { LitElement } from 'lit';

/*
 * What markup can say to an element, derived from its class, so that it is never behind it. JSX, React
 * and Vue each spell it in their own way.
 */

/* eslint-disable @typescript-eslint/no-unnecessary-type-parameters -- Two such functions are the same type only if what they ask of T is the very same, `readonly` included: TypeScript has no other way to tell. */
/** Whether a property can be written. */
type IsWritable<E, Key extends keyof E> =
  (<T>() => T extends { [K in Key]: E[K] } ? 1 : 2) extends <T>() => T extends {
    -readonly [K in Key]: E[K];
  }
    ? 1
    : 2
    ? true
    : false;

/** The properties that an element adds to every element's, without its methods and what is read-only. */
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

/** As an attribute: text, a number, or whether it is there; what markup cannot hold is JSON. */
type AttributeValue<Value> = [Exclude<Value, string | null | undefined>] extends [never]
  ? Value
  : Value extends boolean
    ? boolean | ''
    : Value extends number
      ? Value | string
      : string;

/** The attributes of those properties, without the two that are lists. */
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

/** The names of an element's events. Only the list has `refresh()`, and those of its own. */
export type EventNames<E> = E extends { refresh: unknown } ? SharedEvent | ListEvent : SharedEvent;

/** A handler of an event, by the event's name. */
export type Handler<Name extends keyof HTMLElementEventMap> = (
  event: HTMLElementEventMap[Name],
) => void;
