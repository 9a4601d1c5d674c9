import { PicaError } from '../errors.js';

/** The three messages that AuthKit's page posts. */
const messageTypes: readonly unknown[] = ['LINK_SUCCESS', 'LINK_ERROR', 'EXIT_EVENT_LINK'];

export interface MessageSource {
  /** AuthKit's iframe in this session. */
  frame: () => Window | null | undefined;
  /** The origin of AuthKit's page. */
  origin: string;
  /** The user left AuthKit. */
  onExit: () => void;
}

/**
 * Lets only AuthKit's own page speak to AuthKit. `@picahq/authkit` 1.0.10 believes whatever is posted
 * to the window, whoever posts it; a listener that was registered earlier can stop that, in Chromium
 * 156, Firefox 153 and WebKitGTK 2.50 alike. So this has to be called before AuthKit's `open()`.
 *
 * EXIT_EVENT_LINK goes no further than here: AuthKit answers it with a timer that 200 ms later
 * removes whatever AuthKit shows then, even if it has been opened anew.
 * @returns stops listening.
 */
export function guardMessages({ frame, origin, onExit }: MessageSource): () => void {
  const onMessage = (event: MessageEvent<unknown>) => {
    const type = messageType(event.data);
    if (type === undefined) return;
    if (event.origin !== origin || event.source === null || event.source !== frame()) {
      event.stopImmediatePropagation();
    } else if (type === 'EXIT_EVENT_LINK') {
      event.stopImmediatePropagation();
      onExit();
    }
  };
  window.addEventListener('message', onMessage);
  return () => {
    window.removeEventListener('message', onMessage);
  };
}

/** What kind of AuthKit's message `data` is, or `undefined` for everything else. */
function messageType(data: unknown): string | undefined {
  if (typeof data !== 'object' || data === null) return undefined;
  const { messageType } = data as { messageType?: unknown };
  return messageTypes.includes(messageType) ? (messageType as string) : undefined;
}

/** What AuthKit's page means by LINK_ERROR, in its own words. */
export function connectionFailed(message: unknown): PicaError {
  const words = typeof message === 'string' && message !== '' ? message : 'no reason given';
  const framed =
    window === top ? '' : ' If it is about a window: this frame needs allow-popups in its sandbox.';
  return new PicaError('connection-failed', `AuthKit could not connect the account: ${words}`, {
    hint: `The user can try again in AuthKit. If it goes on, look for this in your Pica dashboard's logs.${framed}`,
    cause: message,
  });
}
