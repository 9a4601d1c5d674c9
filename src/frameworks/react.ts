'use client';
import { createComponent } from '@lit/react';
import * as React from 'react';
import { PicaConnectButton as ButtonElement } from '../button.js';
import { PicaConnectionsList as ListElement } from '../list.js';
import type { EventNames, Handler, Properties } from './element-props.js';

/*
 * Both elements as React components. React 18 needs them: it cannot set properties of custom elements or listen to their
 * events. React 19 can do both, and there they only rename the events.
 */

type EventProps<E> = {
  [Name in EventNames<E> as (typeof eventNames)[Name]]?: Handler<Name> | undefined;
};

/** The props of a component: the element's own properties and events, and those of every HTML element. */
type Props<E extends HTMLElement> = Properties<E> &
  EventProps<E> &
  Omit<React.HTMLAttributes<E>, keyof Properties<E>>;

type Component<E extends HTMLElement> = React.ForwardRefExoticComponent<
  Props<E> & React.RefAttributes<E>
>;

/** The prop for each event. */
const eventNames = {
  'pica-open': 'onPicaOpen',
  'pica-success': 'onPicaSuccess',
  'pica-error': 'onPicaError',
  'pica-close': 'onPicaClose',
  'pica-load': 'onPicaLoad',
  'pica-connect': 'onPicaConnect',
  'pica-disconnect': 'onPicaDisconnect',
} as const;

const events = Object.fromEntries(
  Object.entries(eventNames).map(([event, prop]) => [prop, event]),
) as Record<string, string>;

export type PicaConnectButtonProps = Props<ButtonElement>;
export type PicaConnectionsListProps = Props<ListElement>;

/** Renders `<pica-connect-button>`. `ref` is that element. */
export const PicaConnectButton = createComponent({
  tagName: 'pica-connect-button',
  displayName: 'PicaConnectButton',
  elementClass: ButtonElement,
  react: React,
  events,
}) as Component<ButtonElement>;

/** Renders `<pica-connections-list>`. `ref` is that element. */
export const PicaConnectionsList = createComponent({
  tagName: 'pica-connections-list',
  displayName: 'PicaConnectionsList',
  elementClass: ListElement,
  react: React,
  events,
}) as Component<ListElement>;
