import { safeDocument } from '../hardening/safe-document.js';

/** Milliseconds after which a connection that nobody has used may have been closed again. */
const lasts = 60_000;

/** When AuthKit's server, by its origin, has been connected to. */
const connectedAt = new Map<string, number>();

/** Where it connects. One whose server does not answer is there until the next. */
let frame: HTMLIFrameElement | undefined;

/**
 * Connects to AuthKit's server, for the frame that is about to be opened.
 *
 * By a frame, and not by `<link rel="preconnect">`: Chromium 156 keeps the connections of another site's frame
 * apart from those of the page around it, and opens a new one for AuthKit all the same. What the frame asks
 * for is what browsers ask every server for; nothing in it runs, and nothing in a head is shown.
 */
export function connectAhead(origin: string): void {
  // The page's own server has been connected to.
  if (origin === location.origin || Date.now() - (connectedAt.get(origin) ?? 0) < lasts) return;
  connectedAt.set(origin, Date.now());
  frame?.remove();
  frame = safeDocument.createElement('iframe');
  frame.setAttribute('sandbox', '');
  frame.src = `${origin}/favicon.ico`;
  frame.onload = () => frame?.remove();
  safeDocument.head.append(frame);
}

/** Milliseconds after which a wait is worth it. */
const shortWait = 25;

/** Connects to AuthKit's server while its frame has to wait for something else. */
export function connectMeanwhile(ready: Promise<unknown>, origin: string): void {
  const timer = setTimeout(connectAhead, shortWait, origin);
  const stop = () => {
    clearTimeout(timer);
  };
  ready.then(stop, stop);
}
