import type { AuthKitOptions } from '../authkit/options.js';
import type { ConnectOptions } from './options.js';

/** Options that AuthKit is opened with, but not under one name and with the value as it is: see session-options.ts. */
export type ResolvedOption =
  'tokenUrl' | 'tokenHeaders' | 'tokenCheck' | 'baseUrl' | 'appTheme' | 'timeout';

/** Options that do not concern AuthKit. */
type OtherOption =
  'connectionsUrl' | 'requestHeaders' | 'identity' | 'outbox' | 'preload' | 'debug';

/**
 * The options that are passed on to AuthKit as they are, with AuthKit's names for them. A new option of the elements does
 * not compile until it is in this table or in one of the types above.
 */
export const authkitNames = {
  modalTitle: 'title',
  imageUrl: 'imageUrl',
  companyName: 'companyName',
  showNameInput: 'showNameInput',
} as const satisfies Record<
  Exclude<keyof ConnectOptions, ResolvedOption | OtherOption>,
  keyof AuthKitOptions
>;
