import { PicaError } from '../errors.js';
import type { CloseReason } from '../events.js';
import { dictionary } from '../hardening/prototype-pollution.js';
import { claimDocument, hasOpenSession } from './active-session.js';
import { resolveBaseUrl } from './base-url.js';
import { chooseSurface } from './choose-surface.js';
import { DialogSurface } from './dialog-surface.js';
import { mustLeaveFrame, type openWindow } from './embedding.js';
import { timedOut, watchForLoadFailure } from './load-failure.js';
import { connectionFailed, listenToAuthKit } from './messages.js';
import { type AuthKitProps, openWithOwnGlobals } from './open-with-own-globals.js';
import {
  readyHeaders,
  type SessionListener,
  type SessionOptions,
  type TokenHeaders,
} from './options.js';
import { preconnectUntil } from './preconnect.js';
import type { Surface } from './surface.js';

/** Browsers treat a longer delay as none. */
const maxTimerMs = 2 ** 31 - 1;

/**
 * One opening of AuthKit, from `open()` to `onEnd`. It can begin earlier, with `preload()`, and nobody is told about that.
 * A document has one session at a time: a new one ends the old one first.
 */
export class AuthKitSession {
  readonly options: SessionOptions;
  /** `failing`: while the listener hears of the error that ends the session. */
  #state: 'idle' | 'preloading' | 'open' | 'failing' | 'ended' = 'idle';
  /** Set by `open()`. */
  #listener: SessionListener | undefined;
  readonly #dialog: DialogSurface;
  #surface: Surface;
  #frame: HTMLIFrameElement | null = null;
  /** Run in reverse order at the end. */
  readonly #cleanups: (() => void)[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #loadedAt: number | undefined;
  /** Reported by the browser while preloading. */
  #earlyFailure: PicaError | undefined;

  constructor(options: SessionOptions) {
    this.options = options;
    this.#surface = this.#dialog = new DialogSurface({
      ...options,
      onCancel: () => {
        this.end('user');
      },
      onEscape: () => {
        this.end('escape');
      },
    });
  }

  /** Whether AuthKit's page has loaded, or is loading, and `open()` would show it. */
  get isPreloaded(): boolean {
    return this.#state === 'preloading' && !mustLeaveFrame();
  }

  /** Loads AuthKit's page hidden, unless AuthKit is open or could not be opened in this page. */
  preload(): void {
    if (hasOpenSession() || mustLeaveFrame() || !readyHeaders(this.options)) return;
    this.#state = 'preloading';
    this.#begin();
    this.#load();
  }

  /**
   * Opens AuthKit. Failures go to the listener: nothing is thrown.
   * @param view from `openWindow()`, which has to be called within the user's click.
   */
  open(listener: SessionListener, view?: ReturnType<typeof openWindow>): void {
    const { isPreloaded } = this;
    this.#state = 'open';
    this.#listener = listener;
    if (!isPreloaded) this.#begin();
    if (this.#hasEnded()) return;

    const onTimeout = () => {
      const isLoading = this.#frame !== null || readyHeaders(this.options) !== undefined;
      this.#fail(timedOut(this.options, isLoading));
    };
    this.#timer = setTimeout(onTimeout, Math.min(this.options.timeout * 1000, maxTimerMs));
    // Request the page before showing the dialog, which takes a browser some milliseconds.
    if (!isPreloaded) this.#load(view);
    if (this.#hasEnded()) return;
    this.#dialog.show();
    if (this.#earlyFailure) this.#fail(this.#earlyFailure);
    else if (this.#loadedAt !== undefined) this.#reveal(listener);
  }

  /** Ends the session. Further calls do nothing. */
  end(reason: CloseReason): void {
    if (this.#hasEnded()) return;
    const finalReason = this.#state === 'failing' ? 'error' : reason;
    this.#state = 'ended';
    for (const cleanup of this.#cleanups.reverse()) cleanup();
    this.#listener?.onEnd(finalReason);
  }

  /** A method, because TypeScript assumes that a property does not change between two checks. */
  #hasEnded(): boolean {
    return this.#state === 'ended';
  }

  /** Claims the document, and ends the session when the page takes its parts away. */
  #begin(): void {
    this.#cleanups.push(claimDocument(this));
    // A listener that heard of the previous session's end may have opened another one, which ended this one.
    if (this.#hasEnded()) return;

    this.#dialog.attach();
    const onRemoved = () => {
      this.end('removed');
    };
    window.addEventListener('pagehide', onRemoved);
    const observer = new MutationObserver(() => {
      if (!this.#surface.isIntact || this.#frame?.isConnected === false) onRemoved();
    });
    observer.observe(document, dictionary({ childList: true, subtree: true }));

    this.#cleanups.push(() => {
      clearTimeout(this.#timer);
      observer.disconnect();
      window.removeEventListener('pagehide', onRemoved);
      this.#surface.close();
    });
  }

  /** Loads AuthKit's page as soon as its headers and its surface are there. */
  #load(view?: ReturnType<typeof openWindow>): void {
    const { options } = this;
    const { token } = options;
    const baseUrl = resolveBaseUrl(options.baseUrl);
    if (baseUrl instanceof PicaError) {
      this.#fail(baseUrl);
      return;
    }
    if (token instanceof PicaError) {
      this.#fail(token);
      return;
    }
    const surface = chooseSurface(this.#dialog, view, options, (cleanup) => {
      this.#cleanups.push(cleanup);
    });
    const headers = readyHeaders(options);
    if (headers && surface === this.#dialog) {
      this.#openAuthKit(baseUrl, token.url, headers);
      return;
    }
    const chosen = Promise.resolve(surface).then((value) => (this.#surface = value));
    const ready = Promise.all([token.headers, chosen]);
    preconnectUntil(ready, baseUrl.origin);
    ready.then(
      ([values]) => {
        this.#openAuthKit(baseUrl, token.url, values);
      },
      (error: unknown) => {
        this.#fail(error as PicaError);
      },
    );
  }

  #openAuthKit(baseUrl: URL, tokenUrl: string, headers: TokenHeaders): void {
    if (this.#hasEnded()) return;
    this.#cleanups.push(
      listenToAuthKit({
        // Ignore messages until AuthKit can be seen.
        sender: () => {
          const frame = this.#listener && this.#frame;
          return frame?.style.display === 'block' ? frame.contentWindow : undefined;
        },
        origin: baseUrl.origin,
        listener: () => this.#listener,
        onExit: () => {
          this.end('user');
        },
      }),
      watchForLoadFailure({
        page: baseUrl,
        view: this.#surface.view,
        loadedAt: () => this.#loadedAt,
        onFailure: (error, isReport) => {
          if (isReport && !this.#listener) this.#earlyFailure = error;
          else this.#fail(error);
        },
      }),
    );

    const { authkit, selectedConnection, checked } = this.options;
    const name = selectedConnection();
    const props: AuthKitProps = {
      ...authkit,
      baseUrl: baseUrl.href,
      token: { url: tokenUrl, headers },
      selectedConnection: name,
    };
    this.#openPage(props);
    void checked?.then(() => {
      const correctName = selectedConnection();
      if (correctName !== name) this.#openPage({ ...props, selectedConnection: correctName });
    });
  }

  /** Requests AuthKit's page. One that can be seen already stays until the new one has loaded. */
  #openPage(props: AuthKitProps): void {
    if (this.#hasEnded()) return;
    const shown = this.#loadedAt !== undefined && this.#frame;
    if (!shown) this.#frame?.remove();
    try {
      const frame = openWithOwnGlobals(this.#surface.frameParent, props);
      frame.title = this.options.label;
      if (!shown) this.#frame = frame;
      const onLoad = () => {
        if (this.#hasEnded()) return;
        if (shown) shown.remove();
        this.#frame = frame;
        this.#loadedAt = performance.now();
        if (this.#listener) this.#reveal(this.#listener);
      };
      frame.addEventListener('load', onLoad, dictionary({ once: true }));
    } catch (cause) {
      this.#fail(connectionFailed(cause));
    }
  }

  #reveal({ onVisible }: SessionListener): void {
    clearTimeout(this.#timer);
    const frame = this.#frame;
    if (frame) {
      // AuthKit does this itself, but 100 ms later.
      frame.style.display = 'block';
      frame.style.visibility = 'visible';
      this.#surface.reveal();
      frame.focus();
    }
    onVisible();
  }

  #fail(error: PicaError): void {
    if (this.#hasEnded()) return;
    // A listener that closes AuthKit when it hears of the error doesn't change the reason.
    this.#state = 'failing';
    this.#listener?.onError(error);
    this.end('error');
  }
}
