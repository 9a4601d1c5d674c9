/**
 * Starts the sandbox in this browser. A service worker then answers this page's requests to its folder.
 * @param worker the URL of sandbox.js. The worker answers requests to the folder that contains it.
 * @throws {Error} if service workers are unavailable in this browser or for this page
 */
export async function startSandbox(worker: URL): Promise<void> {
  if (!('serviceWorker' in navigator)) {
    throw new Error(
      'The sandbox is a service worker, which browsers have on https and on localhost only, and not in every private window.',
    );
  }
  disableKeepalive();
  await navigator.serviceWorker.register(worker);
  const { active } = await navigator.serviceWorker.ready;
  if (navigator.serviceWorker.controller) return;
  const controlled = new Promise((resolve) =>
    navigator.serviceWorker.addEventListener('controllerchange', resolve, { once: true }),
  );
  active?.postMessage('claim');
  await controlled;
}

/** Firefox 153 sends requests with `keepalive`, such as saves, past the page's service worker. */
function disableKeepalive(): void {
  const send = window.fetch.bind(window);
  window.fetch = (input, init) => send(input, { ...init, keepalive: false });
}

/** Loads the one-file build, which defines the page's elements. */
export function loadElements(script: URL): Promise<void> {
  return new Promise((resolve, reject) => {
    const tag = document.createElement('script');
    tag.src = script.href;
    tag.addEventListener('load', () => resolve());
    tag.addEventListener('error', () => reject(new Error(`${script.href} cannot be loaded.`)));
    document.head.append(tag);
  });
}
