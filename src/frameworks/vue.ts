import type { HTMLAttributes, PublicProps } from 'vue';
import type { PicaConnectButton } from '../connect-button/connect-button.js';
import type { PicaConnectionsList } from '../connections-list/connections-list.js';
import type { Attributes, EventNames, Handler, Properties } from './element-props.js';

/*
 * Types of both elements for Vue's templates: `import 'pica-connect/vue'` once, anywhere.
 */

type Camel<Name extends string> = Name extends `${infer Head}-${infer Rest}`
  ? `${Head}${Capitalize<Camel<Rest>>}`
  : Name;

/** A listener as a template's `@pica-success` is checked: as a prop of the component. */
type Listeners<E> = {
  [Name in EventNames<E> as `on${Capitalize<Camel<Name>>}`]?: Handler<Name> | undefined;
};

/** What Vue's language tools take a component for. */
type VueElement<E extends HTMLElement> = new () => E & {
  /** @deprecated Only for templates to be checked against. */
  $props: HTMLAttributes & Properties<E> & Attributes<E> & Listeners<E> & PublicProps;
};

declare module 'vue' {
  /** Vue knows its own slots only; those of elements are filled by this attribute of theirs. */
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
