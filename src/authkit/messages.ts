import { PicaError } from '../errors.js';

/** Everything that AuthKit's page posts. */
const messageTypes: readonly unknown[] = ['LINK_SUCCESS', 'LINK_ERROR', 'EXIT_EVENT_LINK'];

/** Limits what AuthKit's page can report in one opening, because each report costs the page and its endpoint work. */
const maxReports = 100;

/** Limits AuthKit's reason for a failure, which goes into an event and to the console. */
const maxReasonLength = 500;

export interface MessageOptions {
  /** The window of AuthKit's frame. Undefined while its messages are to be ignored. */
  sender: () => Window | null | undefined;
  /** The origin of AuthKit's page. */
  origin: string;
  /** `onSuccess` gets an unchecked record. */
  listener: () =>
    { onSuccess: (record: unknown) => void; onError: (error: PicaError) => void } | undefined;
  /** The user left AuthKit. */
  onExit: () => void;
}

/**
 * Listens to AuthKit's page in place of `@picahq/authkit`, because version 1.0.10
 *
 * - trusts every message that is posted to the window, from any sender;
 * - misses messages if the page has another element with the id `event-link`, or something named `getElementById`;
 * - removes AuthKit's frame 200 ms after EXIT_EVENT_LINK, even if that is a new one by then.
 *
 * Listeners that are registered later don't get these messages: the page may use AuthKit itself, too.
 * @returns stops listening.
 */
export function listenToAuthKit({ sender, origin, listener, onExit }: MessageOptions): () => void {
  let reports = 0;
  const onMessage = (event: MessageEvent<unknown>) => {
    const { messageType, message } = (event.data ?? {}) as Record<string, unknown>;
    if (!messageTypes.includes(messageType)) return;
    event.stopImmediatePropagation();
    if (event.origin !== origin || event.source === null || event.source !== sender()) return;
    if (messageType === 'EXIT_EVENT_LINK') {
      onExit();
      return;
    }
    reports += 1;
    if (reports > maxReports + 1) return;
    if (reports > maxReports) listener()?.onError(tooManyReports());
    else if (messageType === 'LINK_SUCCESS') listener()?.onSuccess(message);
    else listener()?.onError(connectionFailed(message));
  };
  window.addEventListener('message', onMessage);
  return () => {
    window.removeEventListener('message', onMessage);
  };
}

export function tooManyReports(): PicaError {
  const message = `AuthKit reported more than ${String(maxReports)} connections in one opening.`;
  return new PicaError('connection-invalid', message, {
    hint: 'The others were ignored. Check base-url, and tell Pica.',
  });
}

/**
 * @param message the reason, as AuthKit's page sent it with LINK_ERROR or as its script threw it.
 * @param isFramed whether a sandbox may be the reason.
 */
export function connectionFailed(message: unknown, isFramed = window !== top): PicaError {
  const cause = typeof message === 'string' ? message.slice(0, maxReasonLength) : message;
  const reason = typeof cause === 'string' && cause !== '' ? cause : 'no reason given';
  const framed = isFramed
    ? ' If it mentions a window, this frame needs allow-popups in its sandbox.'
    : '';
  return new PicaError('connection-failed', `AuthKit could not connect the account: ${reason}`, {
    hint: `The user can try again. If it keeps failing, look in the logs of your Pica dashboard.${framed}`,
    cause,
  });
}
