/**
 * Starts the sandbox in this browser: from here on, a service worker answers what this page asks of its own folder.
 * @param worker where sandbox.js is; what it answers lies beside it
 * @throws {Error} where this browser, or the way the page was opened, has no service workers
 */
export async function startSandbox(worker: URL): Promise<void> {
  if (!('serviceWorker' in navigator)) {
    throw new Error(
      'The sandbox is a service worker, which browsers have on https and on localhost only, and not in every private window.',
    );
  }
  keepAliveNothing();
  await navigator.serviceWorker.register(worker);
  const { active } = await navigator.serviceWorker.ready;
  if (navigator.serviceWorker.controller) return;
  const controlled = new Promise((resolve) =>
    navigator.serviceWorker.addEventListener('controllerchange', resolve, { once: true }),
  );
  active?.postMessage('claim');
  await controlled;
}

/** Firefox 153 takes requests with `keepalive`, as saves are, past a page's service worker. */
function keepAliveNothing(): void {
  const send = window.fetch.bind(window);
  window.fetch = (input, init) => send(input, { ...init, keepalive: false });
}

/** Loads the one-file build, which makes what is on the page elements. */
export function loadElements(script: URL): Promise<void> {
  return new Promise((resolve, reject) => {
    const tag = document.createElement('script');
    tag.src = script.href;
    tag.addEventListener('load', () => resolve());
    tag.addEventListener('error', () => reject(new Error(`${script.href} cannot be loaded.`)));
    document.head.append(tag);
  });
}
