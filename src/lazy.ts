/*
 * Every dynamic import of the package: what a page downloads only when it needs it. The one-file build replaces this file
 * with script-tag/lazy.ts. Each function rejects if its part cannot be loaded.
 */

/** Long explanations, `check()` and the report that `debug` shows: only for a page with a fault. */
export const loadDiagnosis = () => import('./diagnosis/index.js');

/** The code that opens AuthKit and saves connections: for a page whose user is about to connect an account. */
export const loadOpener = () => import('./connect/opener.js');

/** Loads AuthKit's page before the click: only for `preload="page"`. */
export const loadPreload = () => import('./connect/preload.js');

/** The window that AuthKit opens in if this page is a frame too small for it. */
export const loadWindowSurface = () => import('./authkit/window-surface.js');
