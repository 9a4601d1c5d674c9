import { useAuthKit } from '@picahq/authkit';
import { PicaError } from '../errors.js';
import type { CloseReason } from '../events.js';
import { dictionary } from '../hardening/own.js';
import { resolveBaseUrl } from './base-url.js';
import { connectMeanwhile } from './connect-ahead.js';
import { hasToLeaveFrame, leaveFrame } from './leave-frame.js';
import { lendToAuthKit, undisturbed } from './lend.js';
import { frameAllow } from './local-network.js';
import { connectionFailed, listenToAuthKit } from './messages.js';
import { Modal, type ModalOptions } from './modal.js';
import { notInTime, watchForObstacles } from './obstacles.js';
import { isPlaceTaken, takePlace } from './place.js';

export interface SessionOptions extends Omit<ModalOptions, 'onCancel' | 'onEscape'> {
  /** Where AuthKit's page is; a relative address is resolved against the document. */
  baseUrl: string;
  /** The headers may still be on their way; the modal is there meanwhile. */
  token: { url: string; headers: TokenHeaders | Promise<TokenHeaders> };
  /** Asked for when AuthKit opens, as what was known before may have been another spelling. */
  selectedConnection: () => string | undefined;
  title?: string;
  imageUrl?: string;
  companyName?: string;
  showNameInput?: boolean;
  appTheme: 'light' | 'dark';
  /** Seconds until a page that has not loaded is given up. */
  timeout: number;
}

type TokenHeaders = Record<string, string>;

/** Who wants to know what becomes of a session. */
export interface SessionListener {
  /** AuthKit's page can be seen and used. */
  onVisible: () => void;
  /** AuthKit's page says that a connection was made; what it sent is unchecked. */
  onSuccess: (record: unknown) => void;
  /** Something went wrong. The session goes on, unless `onEnd` follows. */
  onError: (error: PicaError) => void;
  /** The session is over: exactly once, last. */
  onEnd: (reason: CloseReason) => void;
}

/** Browsers take a longer time, in milliseconds, for none at all. */
const longestTimer = 2 ** 31 - 1;

/**
 * One opening of AuthKit, from `open()` to `onEnd`, or from `preload()` on, of which nobody hears: the
 * only place that knows `@picahq/authkit`. A document has one session at a time; a new one ends the old
 * one first.
 */
export class AuthKitSession {
  readonly options: SessionOptions;
  #listener: SessionListener | undefined;
  readonly #modal: Modal;
  /** What has to be undone at the end, in the order in which it was done. */
  readonly #cleanups: (() => void)[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #loadedAt: number | undefined;
  /** What the browser has reported before anybody wanted to know. */
  #obstacle: PicaError | undefined;
  #isFailing = false;
  #ended = false;

  constructor(options: SessionOptions) {
    this.options = options;
    this.#modal = new Modal({
      ...options,
      onCancel: () => {
        this.end('user');
      },
      onEscape: () => {
        this.end('escape');
      },
    });
  }

  /** Whether AuthKit's page is there, or on its way, and only `open()` is missing. */
  get isAhead(): boolean {
    return !this.#ended && !this.#listener && this.#cleanups.length > 0 && !hasToLeaveFrame();
  }

  /** Loads AuthKit's page hidden, unless AuthKit is open or could not be opened in this page. */
  preload(): void {
    const { headers } = this.options.token;
    if (isPlaceTaken() || hasToLeaveFrame() || headers instanceof Promise) return;
    this.#take();
    this.#load();
  }

  /** Opens AuthKit. Whatever can fail is told to the listener; nothing is thrown. */
  open(listener: SessionListener): void {
    const { isAhead } = this;
    this.#listener = listener;
    if (!isAhead) this.#take();
    // Whoever heard the end of another may have opened a session of its own, which then ended this one.
    if (this.#ended) return;

    this.#timer = setTimeout(this.#onTimeout, Math.min(this.options.timeout * 1000, longestTimer));
    // First of all the page is asked for: to show that it is on its way takes a browser some milliseconds.
    if (!isAhead) this.#load();
    this.#show(listener);
  }

  /** Ends the session. Further calls do nothing. */
  end(reason: CloseReason): void {
    if (this.#ended) return;
    this.#ended = true;
    for (const cleanup of this.#cleanups.reverse()) cleanup();
    this.#listener?.onEnd(this.#isFailing ? 'error' : reason);
  }

  /** Loads AuthKit's page, here or in a window of its own, as soon as its headers are there. */
  #load(): void {
    const baseUrl = resolveBaseUrl(this.options.baseUrl);
    if (baseUrl instanceof PicaError) {
      this.#fail(baseUrl);
      return;
    }
    const { headers } = this.options.token;
    const elsewhere = leaveFrame(this.#modal, this.#cleanups, () => {
      this.end('user');
    });
    if (!elsewhere && !(headers instanceof Promise)) {
      this.#openAuthKit(baseUrl, headers);
      return;
    }
    const ready = Promise.all([headers, elsewhere]);
    connectMeanwhile(ready, baseUrl.origin);
    ready.then(
      ([values]) => {
        this.#openAuthKit(baseUrl, values);
      },
      (error: unknown) => {
        this.#fail(error as PicaError);
      },
    );
  }

  #openAuthKit(baseUrl: URL, headers: TokenHeaders): void {
    if (this.#ended) return;
    const { token, selectedConnection, title, imageUrl, companyName, showNameInput, appTheme } =
      this.options;
    this.#cleanups.push(
      listenToAuthKit({
        // What it says before it is open was not meant for anybody.
        speaker: () => (this.#listener ? this.#modal.speaker : undefined),
        origin: baseUrl.origin,
        listener: () => this.#listener,
        onExit: () => {
          this.end('user');
        },
      }),
    );

    this.#cleanups.push(
      watchForObstacles({
        page: baseUrl,
        view: this.#modal.view,
        loadedAt: () => this.#loadedAt,
        onObstacle: (error, isReport) => {
          if (isReport && !this.#listener) this.#obstacle = error;
          else this.#fail(error);
        },
      }),
    );

    const authkit = useAuthKit({
      baseUrl: baseUrl.href,
      token: { url: token.url, headers },
      selectedConnection: selectedConnection(),
      title,
      imageUrl,
      companyName,
      showNameInput,
      appTheme,
    });
    this.#cleanups.push(() => {
      undisturbed(authkit.close, this.#modal.frame);
    });
    try {
      lendToAuthKit(this.#modal.place, authkit.open, frameAllow(token.url));
    } catch (cause) {
      this.#fail(connectionFailed(cause));
      return;
    }
    const { frame } = this.#modal;
    if (!frame) return;
    frame.title = this.options.label;
    frame.addEventListener('load', this.#onLoad, dictionary({ once: true }));
  }

  #onLoad = () => {
    if (this.#ended) return;
    this.#loadedAt = performance.now();
    if (this.#listener) this.#reveal(this.#listener);
  };

  #show(listener: SessionListener): void {
    if (this.#ended) return;
    this.#modal.show();
    if (this.#obstacle) this.#fail(this.#obstacle);
    else if (this.#loadedAt !== undefined) this.#reveal(listener);
  }

  #reveal({ onVisible }: SessionListener): void {
    clearTimeout(this.#timer);
    this.#modal.reveal();
    onVisible();
  }

  /** Takes the document's one place, and watches what can end a session from outside. */
  #take(): void {
    this.#cleanups.push(takePlace(this));
    if (this.#ended) return;

    this.#modal.attach();
    const observer = new MutationObserver(() => {
      if (!this.#modal.isThere) this.end('removed');
    });
    observer.observe(document, dictionary({ childList: true, subtree: true }));

    const onPageHide = () => {
      this.end('removed');
    };
    window.addEventListener('pagehide', onPageHide);

    this.#cleanups.push(() => {
      clearTimeout(this.#timer);
      observer.disconnect();
      window.removeEventListener('pagehide', onPageHide);
      this.#modal.close();
    });
  }

  #onTimeout = () => {
    const { headers } = this.options.token;
    const isLoading = this.#modal.frame !== null || !(headers instanceof Promise);
    this.#fail(notInTime(this.options, isLoading));
  };

  #fail(error: PicaError): void {
    if (this.#ended) return;
    // Whoever closes it in answer to the error does not change why it ends.
    this.#isFailing = true;
    this.#listener?.onError(error);
    this.end('error');
  }
}
