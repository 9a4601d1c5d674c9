/*
 * Every dynamic import of the package: what a page downloads only when it needs it. The one-file build replaces this file
 * with script-tag/lazy.ts. Each function rejects if its part cannot be loaded.
 *
 * The comments name the chunks in webpack, which would number them. Other bundlers take the name of the module.
 */

/** Long explanations, `check()` and the report that `debug` shows: only for a page with a fault. */
export const loadDiagnosis = () =>
  import(/* webpackChunkName: "pica-connect-diagnosis" */ './diagnosis/index.js');

/** The code that opens AuthKit and saves connections: for a page whose user is about to connect an account. */
export const loadOpener = () =>
  withRetry(import(/* webpackChunkName: "pica-connect-opener" */ './connect/opener.js'), 'Opener');

/** What a list of connections needs once somebody acts: disconnecting, showing and saving new connections, the focus. */
export const loadListActions = () =>
  withRetry(
    import(
      /* webpackChunkName: "pica-connect-list-actions" */ './connections-list/list-actions.js'
    ),
    'ListActions',
  );

/** Loads AuthKit's page before the click: only for `preload="page"`. */
export const loadPreload = () =>
  import(/* webpackChunkName: "pica-connect-preload" */ './connect/preload.js');

/** The window that AuthKit opens in if this page is a frame too small for it. */
export const loadWindowSurface = () =>
  import(/* webpackChunkName: "pica-connect-window" */ './authkit/window-surface.js');

/** How often a module could not be loaded again, by its URL. */
const failureCounts = new Map<string, number>();

/**
 * Loads a module again that could not be loaded. Firefox 153 keeps such a failure as long as the page is open, but a URL
 * with another fragment is another module. The other engines send a new request by themselves.
 * @param name one of the module's exports.
 */
async function withRetry<Exports>(
  importing: Promise<Exports>,
  name: keyof Exports & string,
): Promise<Exports> {
  try {
    return await importing;
  } catch (error) {
    // Only Firefox's error has the module's URL.
    const [, url] =
      /^error loading dynamically imported module: (.+)/.exec((error as Error).message) ?? [];
    if (!url) throw error;
    return importAgain(url, name);
  }
}

async function importAgain<Exports>(url: string, name: string): Promise<Exports> {
  const count = failureCounts.get(url) ?? 0;
  try {
    // A bundler must not look for this module.
    const file = (await import(
      /* @vite-ignore */ /* webpackIgnore: true */ `${url}#${count}`
    )) as Record<string, unknown>;
    // A bundler may have joined several modules. Then the file exports an object with the exports of this one.
    return [file, ...Object.values(file)].find(
      (exports) => Object(exports) === exports && Object.hasOwn(exports as object, name),
    ) as Exports;
  } catch (error) {
    failureCounts.set(url, count + 1);
    throw error;
  }
}
