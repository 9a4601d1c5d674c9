export type { ConnectStatus } from './connect-controller.js';
export type { ConnectOptions } from './connect-options.js';
export type { Connection, ConnectionEnvironment, ConnectionState } from './connection.js';
export type { HeadersOption } from './endpoints/headers.js';
export { PicaError, type PicaErrorCode, type PicaErrorDetails } from './errors.js';
export * from './events.js';
export type { Integration } from './integration.js';
export { PicaConnectButton } from './pica-connect-button.js';
export { PicaConnectionsList } from './pica-connections-list.js';
