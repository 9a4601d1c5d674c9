/*
 * Every dynamic import of the package, one line each: what a page downloads only when it needs it. The one-file build
 * replaces this file by script-tag/lazy.ts. Each function rejects if the part cannot be loaded.
 */

/** Long explanations, `check()` and the report that `debug` shows: only for a page with a fault. */
export const loadDiagnosis = () => import('./diagnosis/index.js');

/** AuthKit's page, loaded before the click: only for `preload="page"`. */
export const loadPreload = () => import('./authkit/preload.js');

/** The window that AuthKit opens in when this page is a frame too small for it. */
export const loadOwnWindow = () => import('./authkit/own-window.js');
