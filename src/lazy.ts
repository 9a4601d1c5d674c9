/*
 * Every dynamic import of the package: what a page downloads only when it needs it. The one-file build replaces this file
 * with script-tag/lazy.ts. Each function rejects if its part cannot be loaded.
 *
 * The comments name the chunks in webpack, which would number them. Other bundlers take the name of the module.
 */
import type * as Opener from './connect/opener.js';
import type * as ListActions from './connections-list/list-actions.js';

/** Long explanations, `check()` and the report that `debug` shows: only for a page with a fault. */
export const loadDiagnosis = () =>
  import(/* webpackChunkName: "pica-connect-diagnosis" */ './diagnosis/index.js');

/** The code that opens AuthKit and saves connections: for a page whose user is about to connect an account. */
export const loadOpener = () =>
  import(/* webpackChunkName: "pica-connect-opener" */ './connect/opener.js').catch(
    importAgain<typeof Opener>,
  );

/** What a list of connections needs once somebody acts: disconnecting, showing and saving new connections, the focus. */
export const loadListActions = () =>
  import(
    /* webpackChunkName: "pica-connect-list-actions" */ './connections-list/list-actions.js'
  ).catch(importAgain<typeof ListActions>);

/** Loads AuthKit's page before the click: only for `preload="page"`. */
export const loadPreload = () =>
  import(/* webpackChunkName: "pica-connect-preload" */ './connect/preload.js');

/** The window that AuthKit opens in if this page is a frame too small for it. */
export const loadWindowSurface = () =>
  import(/* webpackChunkName: "pica-connect-window" */ './authkit/window-surface.js');

/** How often Firefox could not load a module, by its URL. */
const failureCounts = new Map<string, number>();

/**
 * Loads a module again that could not be loaded. Firefox 153 keeps such a failure as long as the page is open, but a URL
 * with another fragment is another module. The other engines send a new request by themselves.
 * @param error Firefox's, which has the module's URL.
 */
async function importAgain<Exports>(error: Error): Promise<Exports> {
  const [, url] = /^error loading dynamically imported module: (.+)/.exec(error.message) ?? [];
  if (!url) throw error;
  const count = failureCounts.get(url) ?? 0;
  try {
    // A bundler must not look for this module.
    return (await import(
      /* @vite-ignore */ /* webpackIgnore: true */ `${url}#${count}`
    )) as Exports;
  } catch (again) {
    failureCounts.set(url, count + 1);
    throw again;
  }
}
