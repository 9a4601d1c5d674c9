import type { HTMLAttributes, PublicProps } from 'vue';
import type { PicaConnectButton } from '../connect-button/connect-button.js';
import type { PicaConnectionsList } from '../connections-list/connections-list.js';
import type { Attributes, EventNames, Handler, Properties } from './element-props.js';

/* The types of both elements for Vue's templates. Import `pica-connect/vue` once, anywhere. */

type Camel<Name extends string> = Name extends `${infer Head}-${infer Rest}`
  ? `${Head}${Capitalize<Camel<Rest>>}`
  : Name;

/** Vue checks `@pica-success` in a template as a prop named `onPicaSuccess`. */
type Listeners<E> = {
  [Name in EventNames<E> as `on${Capitalize<Camel<Name>>}`]?: Handler<Name> | undefined;
};

/** The type by which Vue's language tools recognize a component. */
type VueElement<E extends HTMLElement> = new () => E & {
  /** @deprecated Only for checking templates. */
  $props: HTMLAttributes & Properties<E> & Attributes<E> & Listeners<E> & PublicProps;
};

declare module 'vue' {
  /** Vue's types lack the attribute `slot`, which custom elements need. */
  interface HTMLAttributes {
    slot?: string | undefined;
  }

  interface GlobalComponents {
    PicaConnectButton: VueElement<PicaConnectButton>;
    PicaConnectionsList: VueElement<PicaConnectionsList>;
    'pica-connect-button': VueElement<PicaConnectButton>;
    'pica-connections-list': VueElement<PicaConnectionsList>;
  }
}
