import { dictionary, own } from '../hardening/prototype-pollution.js';
import { safeDocument } from '../hardening/safe-document.js';
import { elementsOnPage } from '../localization/locale-controller.js';

/** The file with the code that opens AuthKit, next to the module. Inserted by the build. */
declare const MAIN_CHUNK: string;

/**
 * Downloads the code that opens AuthKit once the page has loaded and is idle, and doesn't run it.
 *
 * It uses `prefetch`, and not `modulepreload`: that also parses the file, and if it fails, so does each later `import()`
 * of the same URL. WebKitGTK 2.50 has neither `requestIdleCallback` nor `prefetch`, so there the code is downloaded when the
 * user is about to click. Nor is it downloaded earlier on a page whose policy requires a nonce: Firefox 153 checks
 * `prefetch` against `default-src`, where a nonce doesn't count, and would report a violation for each visit.
 * @param ownScript the module's tag.
 */
export function prefetchOpening(ownScript: HTMLScriptElement | undefined): void {
  const requestIdle = ownScript?.nonce ? undefined : own(globalThis, 'requestIdleCallback');
  const whenIdle = () => {
    requestIdle?.(() => {
      if (isWanted()) addLink();
    });
  };
  if (safeDocument.readyState === 'complete') whenIdle();
  else addEventListener('load', whenIdle, dictionary({ once: true }));
}

/** Whether the page has an element that may do something before the click, and the user doesn't save data. */
function isWanted(): boolean {
  const { connection } = navigator as { connection?: { saveData?: boolean } };
  const isPrepared = (element: object) => Reflect.get(element, 'preload') !== 'none';
  return !connection?.saveData && [...elementsOnPage()].some(isPrepared);
}

function addLink(): void {
  const link = safeDocument.createElement('link');
  Object.assign(link, {
    ...{ rel: 'prefetch', as: 'script', crossOrigin: 'anonymous' },
    href: new URL(MAIN_CHUNK, import.meta.url).href,
  });
  safeDocument.head.append(link);
}
