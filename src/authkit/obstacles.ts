import { PicaError } from '../errors.js';
import { dictionary, own } from '../hardening/own.js';
import { baseAddress, safeDocument } from '../hardening/safe-document.js';

/** Where AuthKit's page is, and what has become of it. */
export interface ObstacleOptions {
  page: URL;
  /** The window that the frame will be in. */
  view: Window & typeof globalThis;
  /** When it fired `load`, on the clock of `performance.now()`. */
  loadedAt: () => number | undefined;
  /** `isReport`: the browser has told of it, which Chromium does once in a document. */
  onObstacle: (error: PicaError, isReport?: boolean) => void;
}

/**
 * Finds out that AuthKit's page cannot be shown. A frame of another origin does not tell, and AuthKit
 * posts nothing, so this is put together from what browsers do tell (seen in Chromium 156, Firefox 153
 * and WebKitGTK 2.50):
 *
 * - a Content-Security-Policy of the host's that forbids the frame: a violation event, in all three;
 * - a page that refuses to be framed by `frame-ancestors`, in Chromium, and a host with COEP, in Chromium
 *   and WebKit: a report;
 * - a server that cannot be reached: a request of our own is rejected.
 *
 * X-Frame-Options, and in Firefox and WebKit `frame-ancestors`, look like a page in use, and so does an
 * answer of 404 or 500. For those there is the modal's own Close.
 *
 * Has to be called before the frame is made: WebKit reports while that happens.
 * @returns stops watching.
 */
export function watchForObstacles({
  page,
  view,
  loadedAt,
  onObstacle,
}: ObstacleOptions): () => void {
  const abort = new AbortController();
  const { signal } = abort;
  const isOfPage = (url: string | undefined) =>
    url !== undefined && URL.canParse(url) && new URL(url).origin === page.origin;

  const forbidden = new Set<string>();
  const onViolation = (event: SecurityPolicyViolationEvent) => {
    if (event.disposition !== 'enforce' || !isOfPage(event.blockedURI)) return;
    forbidden.add(event.effectiveDirective);
    if (event.effectiveDirective === 'frame-src') onObstacle(forbiddenByPolicy(page), true);
  };
  safeDocument.addEventListener('securitypolicyviolation', onViolation);

  const onReports = (reports: ReportList) => {
    for (const { type, body } of reports) {
      const { blockedURL, disposition, effectiveDirective, destination } = readReport(body);
      if (!isOfPage(blockedURL) || disposition === 'report' || disposition === 'reporting')
        continue;
      if (type === 'csp-violation' && effectiveDirective === 'frame-ancestors') {
        onObstacle(refused(page), true);
      }
      if (type === 'coep' && destination === 'iframe')
        onObstacle(forbiddenByEmbedderPolicy(page), true);
    }
  };
  // Chromium reports a violation once in a document; reports of earlier openings are not asked for, as
  // the page may be a better one by now. Firefox has no such observer.
  const Observer = own(view, 'ReportingObserver');
  const observer =
    Observer && new Observer(onReports, dictionary({ types: ['csp-violation', 'coep'] }));
  observer?.observe();

  void (async () => {
    // The frame's own request goes first.
    await pause(0);
    if (await mayBeReachable(page, signal, () => forbidden.has('connect-src'))) return;
    // Where an unreachable page fires no load, an honest one that is slow still gets its chance.
    if (!firesLoadForErrors()) await pause(2000);
    if (signal.aborted || isInUse(loadedAt())) return;
    onObstacle(notReachable(page));
  })();

  return () => {
    abort.abort();
    observer?.disconnect();
    safeDocument.removeEventListener('securitypolicyviolation', onViolation);
  };
}

type ReportList = Parameters<ReportingObserverCallback>[0];

function readReport(body: unknown): Record<string, string | undefined> {
  const report = (body ?? {}) as { toJSON?: () => unknown };
  return (typeof report.toJSON === 'function' ? report.toJSON() : report) as Record<
    string,
    string | undefined
  >;
}

/**
 * Whether the server answers, whatever it answers, or the host's own policy forbids to ask it. A page
 * that may not be fetched from another origin (Cross-Origin-Resource-Policy) can still be framed, so the
 * address that browsers ask for unbidden is tried after it. Neither request carries AuthKit's data or
 * cookies.
 */
async function mayBeReachable(
  page: URL,
  signal: AbortSignal,
  isForbidden: () => boolean,
): Promise<boolean> {
  for (const url of [page, new URL('/favicon.ico', page)]) {
    try {
      await fetch(
        url,
        dictionary<RequestInit>({
          method: 'HEAD',
          mode: 'no-cors',
          credentials: 'omit',
          cache: 'no-store',
          signal,
        }),
      );
      return true;
    } catch {
      // Chromium and Firefox tell that it was connect-src up to 3 ms after the rejection.
      await pause(50);
      if (signal.aborted || isForbidden()) return true;
    }
  }
  return false;
}

/**
 * Whether a page has loaded and is not to be closed under the user any more: in Chromium, where an error
 * page loads too, one that has been there for a second.
 */
function isInUse(loadedAt: number | undefined): boolean {
  if (loadedAt === undefined) return false;
  return !firesLoadForErrors() || performance.now() - loadedAt > 1000;
}

/** Chromium shows a page of its own for what it could not get, and fires `load` for that. */
function firesLoadForErrors(): boolean {
  return /Chrom(e|ium)\//.test(navigator.userAgent);
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** @param isLoading AuthKit's page has been requested. Otherwise its headers are still missing. */
export function notInTime(
  { baseUrl, timeout }: { baseUrl: string; timeout: number },
  isLoading: boolean,
): PicaError {
  const seconds = String(timeout);
  return isLoading
    ? notLoaded(new URL(baseUrl, baseAddress()), seconds)
    : headersNotInTime(seconds);
}

export function headersNotInTime(seconds: string): PicaError {
  const message = `token-headers were not ready within ${seconds} seconds.`;
  return new PicaError('token-headers-invalid', message, {
    hint: 'Make your function for token-headers answer sooner, or raise timeout.',
  });
}

type Page = Pick<URL, 'origin'>;

export const notReachable = (page: Page) => unreachable(page, 'cannot be reached');

export const notLoaded = (page: Page, seconds: string) =>
  unreachable(page, `did not load within ${seconds} seconds`);

export const refused = (page: Page) =>
  unreachable(page, 'refuses to be shown in a frame of this page (frame-ancestors)');

function unreachable({ origin }: Page, what: string): PicaError {
  return new PicaError('authkit-unreachable', `AuthKit's page at ${origin} ${what}.`, {
    hint: 'Check that this browser can reach that URL, and check base-url if you set it.',
  });
}

export function forbiddenByPolicy({ origin }: Page): PicaError {
  return new PicaError(
    'authkit-blocked',
    `This page's Content-Security-Policy forbids the frame of AuthKit's page at ${origin}.`,
    {
      hint: `Add ${origin} to frame-src in that policy: frame-src ${origin}; (or to child-src if it has that and no frame-src).`,
    },
  );
}

export function forbiddenByEmbedderPolicy({ origin }: Page): PicaError {
  return new PicaError(
    'authkit-blocked',
    `This page's Cross-Origin-Embedder-Policy forbids the frame of AuthKit's page at ${origin}.`,
    {
      hint: 'Remove Cross-Origin-Embedder-Policy from this page, or open AuthKit from a page without it.',
    },
  );
}
