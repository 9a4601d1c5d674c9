import type { Attributes, EventNames, Properties } from '../../src/frameworks/element-props.js';
import type { ElementProps, SolidElementProps } from '../../src/frameworks/jsx.js';
import type { PicaConnectButtonProps } from '../../src/frameworks/react.js';
import type { PicaConnectButton } from '../../src/connect-button/connect-button.js';
import type { PicaConnectionsList } from '../../src/connections-list/connections-list.js';

/*
 * What the types for frameworks accept and refuse. `npm run check -- types` is the test: an expected refusal that
 * doesn't happen is an error.
 */

export const properties = {
  tokenUrl: '/api/authkit/token',
  tokenHeaders: () => ({ authorization: 'Bearer …' }),
  showNameInput: true,
  timeout: 5,
} satisfies Properties<PicaConnectButton>;

export const refusedProperties: Properties<PicaConnectButton>[] = [
  // @ts-expect-error It is read-only.
  { status: 'idle' },
  // @ts-expect-error It is a method.
  { open: () => Promise.resolve(null) },
  // @ts-expect-error It allows three values.
  { appTheme: 'blue' },
  // @ts-expect-error Only the list has it.
  { connections: [] },
];

export const attributes = {
  'token-url': '/api/authkit/token',
  'token-headers': '{"authorization": "Bearer …"}',
  'show-name-input': '',
  'app-theme': 'dark',
  timeout: '5',
} satisfies Attributes<PicaConnectButton>;

export const refusedAttributes: Attributes<PicaConnectionsList>[] = [
  // @ts-expect-error An attribute can't be a function.
  { 'token-headers': () => ({}) },
  // @ts-expect-error It has no attribute.
  { connections: '[]' },
];

export const listEvent: EventNames<PicaConnectionsList> = 'pica-disconnect';
// @ts-expect-error The button can't disconnect anything.
export const buttonEvent: EventNames<PicaConnectButton> = 'pica-disconnect';

export const jsx: ElementProps<PicaConnectButton> = {
  'onpica-success': (event) => {
    event.waitUntil(Promise.resolve(event.detail.connection.key));
  },
};
export const solid: SolidElementProps<PicaConnectionsList> = {
  'prop:connections': [],
  'on:pica-disconnect': ({ detail }) => detail.connection,
};
export const react: PicaConnectButtonProps = {
  className: 'wide',
  onPicaError: ({ detail }) => detail.error.hint,
};
