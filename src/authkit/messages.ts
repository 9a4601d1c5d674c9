import { PicaError } from '../errors.js';

/** The three messages that AuthKit's page posts. */
const messageTypes: readonly unknown[] = ['LINK_SUCCESS', 'LINK_ERROR', 'EXIT_EVENT_LINK'];

/** What AuthKit's page may report in one opening: a page that says more would flood this one and its endpoint. */
const maxReports = 100;

/** Characters of what it says when it fails, which goes into events and the console. */
const longestReason = 500;

export interface MessageSource {
  /** The window of AuthKit's iframe in this session, once its page may speak. */
  speaker: () => Window | null | undefined;
  /** The origin of AuthKit's page. */
  origin: string;
  /** Hears what the page reports; a record is unchecked. */
  listener: () =>
    { onSuccess: (record: unknown) => void; onError: (error: PicaError) => void } | undefined;
  /** The user left AuthKit. */
  onExit: () => void;
}

/**
 * Listens to AuthKit's own page, and to nobody else. `@picahq/authkit` 1.0.10 is kept from listening, as it
 *
 * - believes whatever is posted to the window, whoever posts it;
 * - hears nothing where the page has another element with the id `event-link`, or something named `getElementById`;
 * - answers EXIT_EVENT_LINK with a timer that 200 ms later removes whatever AuthKit shows then, even if it has
 *   been opened anew.
 *
 * No such message gets to listeners that are registered later, as an AuthKit of the page's own.
 * @returns stops listening.
 */
export function listenToAuthKit({ speaker, origin, listener, onExit }: MessageSource): () => void {
  let reports = 0;
  const onMessage = (event: MessageEvent<unknown>) => {
    const { messageType, message } = (event.data ?? {}) as Record<string, unknown>;
    if (!messageTypes.includes(messageType)) return;
    event.stopImmediatePropagation();
    if (event.origin !== origin || event.source === null || event.source !== speaker()) return;
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
    hint: 'The others were ignored. AuthKit does not normally do this: check base-url, and tell Pica.',
  });
}

/** What AuthKit's page means by LINK_ERROR, in its own words. */
export function connectionFailed(message: unknown, isFramed = window !== top): PicaError {
  const cause = typeof message === 'string' ? message.slice(0, longestReason) : message;
  const words = typeof cause === 'string' && cause !== '' ? cause : 'no reason given';
  const framed = isFramed
    ? ' If it mentions a window, this frame needs allow-popups in its sandbox.'
    : '';
  return new PicaError('connection-failed', `AuthKit could not connect the account: ${words}`, {
    hint: `The user can try again in AuthKit. If it happens again, look for it in the logs of your Pica dashboard.${framed}`,
    cause,
  });
}
