import { delay } from '../delay.js';
import { PicaError } from '../errors.js';
import { dictionary, own } from '../hardening/prototype-pollution.js';
import { baseAddress, safeDocument } from '../hardening/safe-document.js';

export interface LoadFailureOptions {
  /** The address of AuthKit's page. */
  page: URL;
  /** The window that AuthKit's frame will be in. */
  view: Window & typeof globalThis;
  /** When the frame fired `load`, as `performance.now()`. */
  loadedAt: () => number | undefined;
  /** `isReport`: the browser reported it. Chromium does this only once in a document. */
  onFailure: (error: PicaError, isReport?: boolean) => void;
}

/**
 * Detects that AuthKit's page cannot be shown. A page cannot see into a frame of another origin, and AuthKit posts nothing,
 * so this relies on what browsers report (seen in Chromium 156, Firefox 153 and WebKitGTK 2.50):
 *
 * - The host's Content-Security-Policy forbids the frame: a violation event, in all three.
 * - `frame-ancestors` of AuthKit's page forbids it, in Chromium, or the host's Cross-Origin-Embedder-Policy, in Chromium
 *   and WebKit: a report.
 * - The server cannot be reached: a request of our own is rejected.
 *
 * X-Frame-Options, `frame-ancestors` in Firefox and WebKit, and an answer of 404 or 500 look like a page that works. The
 * user can leave them with the dialog's Close.
 *
 * Call it before the frame is created, because WebKit reports during that.
 * @returns stops watching.
 */
export function watchForLoadFailure({
  page,
  view,
  loadedAt,
  onFailure,
}: LoadFailureOptions): () => void {
  const abort = new AbortController();
  const { signal } = abort;
  const isOfPage = (url: string | undefined) =>
    url !== undefined && URL.canParse(url) && new URL(url).origin === page.origin;

  const forbidden = new Set<string>();
  const onViolation = (event: SecurityPolicyViolationEvent) => {
    if (event.disposition !== 'enforce' || !isOfPage(event.blockedURI)) return;
    forbidden.add(event.effectiveDirective);
    if (event.effectiveDirective === 'frame-src') onFailure(forbiddenByPolicy(page), true);
  };
  safeDocument.addEventListener('securitypolicyviolation', onViolation);

  const onReports = (reports: ReportList) => {
    for (const { type, body } of reports) {
      const { blockedURL, disposition, effectiveDirective, destination } = readReport(body);
      if (!isOfPage(blockedURL) || disposition === 'report' || disposition === 'reporting')
        continue;
      if (type === 'csp-violation' && effectiveDirective === 'frame-ancestors') {
        onFailure(refused(page), true);
      }
      if (type === 'coep' && destination === 'iframe')
        onFailure(forbiddenByEmbedderPolicy(page), true);
    }
  };
  // Not `buffered`: the page may have changed since earlier openings. Firefox has no ReportingObserver.
  const Observer = own(view, 'ReportingObserver');
  const observer =
    Observer && new Observer(onReports, dictionary({ types: ['csp-violation', 'coep'] }));
  observer?.observe();

  void (async () => {
    // Let the frame's own request go first.
    await delay(0);
    if (await mayBeReachable(page, signal, () => forbidden.has('connect-src'))) return;
    // Where error pages fire no `load`, give a slow page time for its own, which proves that it is there.
    if (!firesLoadForErrors()) await delay(2000);
    if (signal.aborted || isInUse(loadedAt())) return;
    onFailure(notReachable(page));
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
 * Whether the server gives any answer, or the host's own policy forbids the request. A page that forbids requests from
 * other origins (Cross-Origin-Resource-Policy) can still be framed, so the favicon is requested next. Neither request
 * carries AuthKit's data or cookies.
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
      // Chromium and Firefox report a violation of connect-src up to 3 ms after the rejection.
      await delay(50);
      if (signal.aborted || isForbidden()) return true;
    }
  }
  return false;
}

/**
 * Whether the user may be using the page, so that it must not be closed. In Chromium, where an error page fires `load`
 * too, that takes a page that has been there for a second.
 */
function isInUse(loadedAt: number | undefined): boolean {
  if (loadedAt === undefined) return false;
  return !firesLoadForErrors() || performance.now() - loadedAt > 1000;
}

/** Chromium fires `load` for its own error page. */
function firesLoadForErrors(): boolean {
  return /Chrom(e|ium)\//.test(navigator.userAgent);
}

/** @param isLoading AuthKit's page has been requested. Otherwise its headers are still missing. */
export function timedOut(
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
      hint: 'Remove that header, or open AuthKit from a page without it.',
    },
  );
}
