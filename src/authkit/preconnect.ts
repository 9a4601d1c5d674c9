import { safeDocument } from '../hardening/safe-document.js';

/** A browser may close a connection that has been unused for this long. */
const ttlMs = 60_000;

/** Time of the last connection, by the server's origin. */
const connectedAt = new Map<string, number>();

/** The frame that connects. If its server doesn't answer, it stays until the next one replaces it. */
let frame: HTMLIFrameElement | undefined;

/**
 * Connects to AuthKit's server for the frame that will follow.
 *
 * `<link rel="preconnect">` doesn't help: Chromium 156 doesn't share a page's connections with frames of other sites, and
 * opens a new one. So a frame requests the favicon, as browsers do of every server. Its sandbox runs no script, and
 * nothing in a `<head>` is rendered.
 */
export function preconnect(origin: string): void {
  // The browser is connected to the page's own server.
  if (origin === location.origin || Date.now() - (connectedAt.get(origin) ?? 0) < ttlMs) return;
  connectedAt.set(origin, Date.now());
  frame?.remove();
  frame = safeDocument.createElement('iframe');
  frame.setAttribute('sandbox', '');
  frame.src = `${origin}/favicon.ico`;
  frame.onload = () => frame?.remove();
  safeDocument.head.append(frame);
}

/** Preconnecting takes the browser some milliseconds. It isn't worth them for a shorter wait. */
const minWaitMs = 25;

/** Connects to AuthKit's server while its frame waits for something else. */
export function preconnectUntil(ready: Promise<unknown>, origin: string): void {
  const timer = setTimeout(preconnect, minWaitMs, origin);
  const stop = () => {
    clearTimeout(timer);
  };
  ready.then(stop, stop);
}
