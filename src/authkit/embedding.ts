import { baseAddress } from '../hardening/safe-document.js';

/** Whether this page is a frame that is too small for AuthKit's card. */
export const isTooSmall = (): boolean => window !== top && (innerWidth < 360 || innerHeight < 480);

/**
 * Whether this page has an opaque origin, as in a sandbox without `allow-same-origin`. AuthKit's frame inherits this and
 * fails. A page from `file:` has an opaque origin too, but AuthKit works there.
 */
export const hasNoOrigin = (): boolean => origin === 'null' && baseAddress().startsWith('http');

/**
 * Whether a frame around this page is known to lack `token` in its `sandbox`. Only frames of the same origin can be read:
 * beyond the first one of another origin the answer is false.
 */
export function lacksToken(token: string): boolean {
  for (let view: Window = window; view.frameElement; view = view.parent) {
    // This script runs, so the sandbox has at least `allow-scripts`: an empty string means no sandbox.
    const tokens = view.frameElement.getAttribute('sandbox');
    if (tokens && !tokens.toLowerCase().split(/\s/).includes(token)) return true;
  }
  return false;
}

const isBlocked = () => hasNoOrigin() || lacksToken('allow-popups');

/** Whether this page is a frame that AuthKit does not work in, or does not fit in. */
export const mustLeaveFrame = (): boolean => isBlocked() || isTooSmall();

/**
 * Opens an empty window for AuthKit where this page is a frame without room for it. Has to run within the user's click:
 * browsers block a window that is opened later, and WebKitGTK 2.50 also one that is opened after an `import()`.
 * @returns undefined if AuthKit can stay in this page, and null if there can be no window.
 */
export function openWindow(): (Window & typeof globalThis) | null | undefined {
  if (!mustLeaveFrame()) return undefined;
  if (isBlocked()) return null;
  return window.open('', '', 'popup,width=480,height=720') as (Window & typeof globalThis) | null;
}
