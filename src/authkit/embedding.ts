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
