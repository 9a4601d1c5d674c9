/* eslint-disable @typescript-eslint/ban-ts-comment, @typescript-eslint/consistent-type-imports -- Users have only one of these frameworks. @ts-ignore makes the types of the others unknown, and works only on an import() in the next line. */
/* eslint-disable @typescript-eslint/no-namespace -- The frameworks declare their JSX types in namespaces, and these are extended here. */
import type { PicaConnectButton } from '../connect-button/connect-button.js';
import type { PicaConnectionsList } from '../connections-list/connections-list.js';
import type { Attributes, EventNames, Handler, Properties } from './element-props.js';

/*
 * The types of both elements for JSX. Import `pica-connect/jsx` once, anywhere. React 19 and Preact set a prop as a
 * property if the element has one of that name, and otherwise as an attribute. Solid lets the markup choose.
 */

/** The props that an element adds in React and Preact. */
export type ElementProps<E> = Properties<E> &
  Attributes<E> & { [Name in EventNames<E> as `on${Name}`]?: Handler<Name> | undefined };

/** The props that an element adds in Solid. */
export type SolidElementProps<E> = Attributes<E> & {
  [Key in keyof Properties<E> as `prop:${Key & string}`]: Properties<E>[Key];
} & { [Key in keyof Attributes<E> as `attr:${Key & string}`]: Attributes<E>[Key] } & {
  [Name in EventNames<E> as `on:${Name}`]?: Handler<Name> | undefined;
};

/** Both elements with all their props. */
interface Elements<ButtonProps, ListProps> {
  'pica-connect-button': ButtonProps;
  'pica-connections-list': ListProps;
}

/** @ts-ignore React may not be installed. */
type ReactProps<E> = import('react').DetailedHTMLProps<import('react').HTMLAttributes<E>, E>;
type ReactElements = Elements<
  ReactProps<PicaConnectButton> & ElementProps<PicaConnectButton>,
  ReactProps<PicaConnectionsList> & ElementProps<PicaConnectionsList>
>;

/** @ts-ignore Preact may not be installed. */
type PreactProps<E extends EventTarget> = import('preact').HTMLAttributes<E>;
type PreactElements = Elements<
  PreactProps<PicaConnectButton> & ElementProps<PicaConnectButton>,
  PreactProps<PicaConnectionsList> & ElementProps<PicaConnectionsList>
>;

/** @ts-ignore Solid may not be installed. */
type SolidProps<E> = import('solid-js').JSX.HTMLAttributes<E>;
type SolidElements = Elements<
  SolidProps<PicaConnectButton> & SolidElementProps<PicaConnectButton>,
  SolidProps<PicaConnectionsList> & SolidElementProps<PicaConnectionsList>
>;

/** @ts-ignore React may not be installed. */
declare module 'react' {
  namespace JSX {
    interface IntrinsicElements extends ReactElements {}
  }
}

/** @ts-ignore Preact may not be installed. */
declare module 'preact' {
  namespace JSX {
    interface IntrinsicElements extends PreactElements {}
  }
}

/** @ts-ignore Solid may not be installed. */
declare module 'solid-js' {
  namespace JSX {
    interface IntrinsicElements extends SolidElements {}
  }
}
