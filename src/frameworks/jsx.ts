/* eslint-disable @typescript-eslint/ban-ts-comment, @typescript-eslint/consistent-type-imports -- Whoever uses one of these frameworks has not the others: a type that is asked for by import() in a line of its own can be left unknown there, and a declaration too. */
/* eslint-disable @typescript-eslint/no-namespace -- JSX's types are kept in namespaces, and are added to there. */
import type { PicaConnectButton } from '../connect-button/connect-button.js';
import type { PicaConnectionsList } from '../connections-list/connections-list.js';
import type { Attributes, EventNames, Handler, Properties } from './element-props.js';

/*
 * Types of both elements for JSX: `import 'pica-connect/jsx'` once, anywhere. React (from 19) and Preact
 * set what an element knows as a property, and all else as an attribute; Solid lets markup choose.
 */

/** React's and Preact's props of an element, beside those of every element. */
export type ElementProps<E> = Properties<E> &
  Attributes<E> & { [Name in EventNames<E> as `on${Name}`]?: Handler<Name> | undefined };

/** Solid's. */
export type SolidElementProps<E> = Attributes<E> & {
  [Key in keyof Properties<E> as `prop:${Key & string}`]: Properties<E>[Key];
} & { [Key in keyof Attributes<E> as `attr:${Key & string}`]: Attributes<E>[Key] } & {
  [Name in EventNames<E> as `on:${Name}`]?: Handler<Name> | undefined;
};

/** Both elements, with the props that their framework gives to every element. */
interface Elements<ButtonProps, ListProps> {
  'pica-connect-button': ButtonProps;
  'pica-connections-list': ListProps;
}

/** @ts-ignore Known where React is installed. */
type ReactProps<E> = import('react').DetailedHTMLProps<import('react').HTMLAttributes<E>, E>;
type ReactElements = Elements<
  ReactProps<PicaConnectButton> & ElementProps<PicaConnectButton>,
  ReactProps<PicaConnectionsList> & ElementProps<PicaConnectionsList>
>;

/** @ts-ignore Known where Preact is installed. */
type PreactProps<E extends EventTarget> = import('preact').HTMLAttributes<E>;
type PreactElements = Elements<
  PreactProps<PicaConnectButton> & ElementProps<PicaConnectButton>,
  PreactProps<PicaConnectionsList> & ElementProps<PicaConnectionsList>
>;

/** @ts-ignore Known where Solid is installed. */
type SolidProps<E> = import('solid-js').JSX.HTMLAttributes<E>;
type SolidElements = Elements<
  SolidProps<PicaConnectButton> & SolidElementProps<PicaConnectButton>,
  SolidProps<PicaConnectionsList> & SolidElementProps<PicaConnectionsList>
>;

/** @ts-ignore Known where React is installed. */
declare module 'react' {
  namespace JSX {
    interface IntrinsicElements extends ReactElements {}
  }
}

/** @ts-ignore Known where Preact is installed. */
declare module 'preact' {
  namespace JSX {
    interface IntrinsicElements extends PreactElements {}
  }
}

/** @ts-ignore Known where Solid is installed. */
declare module 'solid-js' {
  namespace JSX {
    interface IntrinsicElements extends SolidElements {}
  }
}
