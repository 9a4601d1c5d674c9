'use client';
import { createComponent } from '@lit/react';
import * as React from 'react';
import { PicaConnectButton as ButtonElement } from '../button.js';
import { PicaConnectionsList as ListElement } from '../list.js';
import type { EventNames, Handler, Properties } from './element-props.js';

/*
 * Both elements as React components, for React 18, which knows neither properties nor events of custom
 * elements. React 19 knows both; there, these are the same elements with names for their events.
 */

type EventProps<E> = {
  [Name in EventNames<E> as (typeof eventNames)[Name]]?: Handler<Name> | undefined;
};

/** The props of a component: the element's properties, its events, and those of every element. */
type Props<E extends HTMLElement> = Properties<E> &
  EventProps<E> &
  Omit<React.HTMLAttributes<E>, keyof Properties<E>>;

type Component<E extends HTMLElement> = React.ForwardRefExoticComponent<
  Props<E> & React.RefAttributes<E>
>;

/** The props by the names of the events. */
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

/** `<pica-connect-button>`; `ref` is the element. */
export const PicaConnectButton = createComponent({
  tagName: 'pica-connect-button',
  displayName: 'PicaConnectButton',
  elementClass: ButtonElement,
  react: React,
  events,
}) as Component<ButtonElement>;

/** `<pica-connections-list>`; `ref` is the element. */
export const PicaConnectionsList = createComponent({
  tagName: 'pica-connections-list',
  displayName: 'PicaConnectionsList',
  elementClass: ListElement,
  react: React,
  events,
}) as Component<ListElement>;
