import type { ConnectionRecord } from '@picahq/authkit/dist/types';

type Message =
  | { messageType: 'LINK_SUCCESS'; message: ConnectionRecord }
  | { messageType: 'LINK_ERROR'; message: string }
  | { messageType: 'EXIT_EVENT_LINK'; message: string };

// To any origin, as AuthKit does: the page does not know its host's origin.
const post = (message: Message) => window.parent.postMessage(message, '*');

export const postSuccess = (connection: ConnectionRecord) =>
  post({ messageType: 'LINK_SUCCESS', message: connection });

export const postError = (message: string) => post({ messageType: 'LINK_ERROR', message });

export const postExit = () => post({ messageType: 'EXIT_EVENT_LINK', message: '' });
