import { baseAddress } from '../hardening/safe-document.js';

/** Whether this page is a frame in which AuthKit has no room for its card. */
export const isTooSmall = (): boolean => window !== top && (innerWidth < 360 || innerHeight < 480);

/**
 * Whether this page has no origin, as with `sandbox` and no `allow-same-origin`; AuthKit's frame inherits that.
 * A page from a file has none either, and AuthKit works in it.
 */
export const hasNoOrigin = (): boolean => origin === 'null' && baseAddress().startsWith('http');

/**
 * Whether a frame around this page is certain to lack `token` in its `sandbox`. That can be told only as far
 * out as the pages are of one origin: beyond that no browser says.
 */
export function lacksToken(token: string): boolean {
  for (let view: Window = window; view.frameElement; view = view.parent) {
    // Without any token there would be no script; so none means that there is no such attribute.
    const tokens = view.frameElement.getAttribute('sandbox');
    if (tokens && !tokens.toLowerCase().split(/\s/).includes(token)) return true;
  }
  return false;
}
