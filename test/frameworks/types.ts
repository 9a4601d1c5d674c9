import type { Attributes, EventNames, Properties } from '../../src/frameworks/element-props.js';
import type { ElementProps, SolidElementProps } from '../../src/frameworks/jsx.js';
import type { PicaConnectButtonProps } from '../../src/frameworks/react.js';
import type { PicaConnectButton } from '../../src/connect-button/connect-button.js';
import type { PicaConnectionsList } from '../../src/connections-list/connections-list.js';

/*
 * What the types for frameworks take and what they refuse. `npm run check -- types` is the test: each
 * refusal that does not come is an error.
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
  // @ts-expect-error There are three of them.
  { appTheme: 'blue' },
  // @ts-expect-error It is the list's.
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
  // @ts-expect-error An attribute holds no function.
  { 'token-headers': () => ({}) },
  // @ts-expect-error A list is no attribute.
  { connections: '[]' },
];

export const listEvent: EventNames<PicaConnectionsList> = 'pica-disconnect';
// @ts-expect-error The button has nothing to disconnect.
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
