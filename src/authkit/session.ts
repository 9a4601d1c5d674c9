import { useAuthKit } from '@picahq/authkit';
import { PicaError } from '../errors.js';
import type { CloseReason } from '../events.js';
import { lendToAuthKit } from './lend.js';
import { frameAllow } from './local-network.js';
import { connectionFailed, guardMessages } from './messages.js';
import { Modal, type ModalOptions } from './modal.js';
import { unreachable, watchForObstacles } from './obstacles.js';

export interface SessionOptions extends Omit<ModalOptions, 'onCancel' | 'onEscape'> {
  /** Where AuthKit's page is; a relative address is resolved against the document. */
  baseUrl: string;
  /** The headers may still be on their way; the modal is there meanwhile. */
  token: { url: string; headers: TokenHeaders | Promise<TokenHeaders> };
  selectedConnection?: string;
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

/**
 * The session that this document has open, whichever copy or version of this library opened it. Its
 * form is therefore fixed: something with `end()`.
 */
const sessionKey = Symbol.for('pica-connect.session');
type SessionHolder = Document & { [sessionKey]?: { end: (reason: CloseReason) => void } };

/** Browsers take a longer time, in milliseconds, for none at all. */
const longestTimer = 2 ** 31 - 1;

/**
 * One opening of AuthKit, from `open()` to `onEnd`: the only place that knows `@picahq/authkit`.
 * A document has one session at a time; a new one ends the old one first.
 */
export class AuthKitSession {
  readonly #options: SessionOptions;
  readonly #listener: SessionListener;
  readonly #modal: Modal;
  /** What has to be undone at the end, in the order in which it was done. */
  readonly #cleanups: (() => void)[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #loadedAt: number | undefined;
  #isFailing = false;
  #ended = false;

  constructor(options: SessionOptions, listener: SessionListener) {
    this.#options = options;
    this.#listener = listener;
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

  /** Opens AuthKit. Whatever can fail is told to the listener; nothing is thrown. */
  open(): void {
    const holder = document as SessionHolder;
    const previous = holder[sessionKey];
    holder[sessionKey] = this;
    this.#cleanups.push(() => {
      if (holder[sessionKey] === this) holder[sessionKey] = undefined;
    });
    previous?.end('api');
    // Whoever heard that may have opened a session of its own, which then ended this one.
    if (this.#ended) return;

    this.#modal.show();
    this.#cleanups.push(() => {
      this.#modal.close();
    });
    this.#watch();

    const baseUrl = this.#resolveBaseUrl();
    if (!baseUrl) return;
    const { headers } = this.#options.token;
    if (headers instanceof Promise) {
      headers.then(
        (values) => {
          this.#openAuthKit(baseUrl, values);
        },
        (error: unknown) => {
          this.#fail(error as PicaError);
        },
      );
    } else {
      this.#openAuthKit(baseUrl, headers);
    }
  }

  /** Ends the session. Further calls do nothing. */
  end(reason: CloseReason): void {
    if (this.#ended) return;
    this.#ended = true;
    for (const cleanup of this.#cleanups.reverse()) cleanup();
    this.#listener.onEnd(this.#isFailing ? 'error' : reason);
  }

  #openAuthKit(baseUrl: URL, headers: TokenHeaders): void {
    if (this.#ended) return;
    const { token, selectedConnection, title, imageUrl, companyName, showNameInput, appTheme } =
      this.#options;
    const { onSuccess, onError } = this.#listener;

    // Before AuthKit's own listener, so that this one is asked first.
    this.#cleanups.push(
      guardMessages({
        frame: () => this.#modal.frame?.contentWindow,
        origin: baseUrl.origin,
        onExit: () => {
          this.end('user');
        },
      }),
    );

    this.#cleanups.push(
      watchForObstacles({
        page: baseUrl,
        loadedAt: () => this.#loadedAt,
        onObstacle: (error) => {
          this.#fail(error);
        },
      }),
    );

    const authkit = useAuthKit({
      baseUrl: baseUrl.href,
      token: { url: token.url, headers },
      selectedConnection,
      title,
      imageUrl,
      companyName,
      showNameInput,
      appTheme,
      onSuccess,
      onError: (message: unknown) => {
        onError(connectionFailed(message));
      },
    });
    this.#cleanups.push(authkit.close);
    try {
      lendToAuthKit(this.#modal.container, authkit.open, frameAllow(token.url));
    } catch (cause) {
      this.#fail(connectionFailed(cause));
      return;
    }
    const { frame } = this.#modal;
    if (!frame) return;
    frame.title = this.#options.label;
    frame.addEventListener('load', this.#onLoad, { once: true });
    this.#cleanups.push(() => {
      frame.removeEventListener('load', this.#onLoad);
    });
  }

  #onLoad = () => {
    clearTimeout(this.#timer);
    this.#loadedAt = performance.now();
    this.#modal.reveal();
    this.#listener.onVisible();
  };

  /** What can end a session from outside, from the moment when the modal is there. */
  #watch(): void {
    const { timeout } = this.#options;
    this.#timer = setTimeout(this.#onTimeout, Math.min(timeout * 1000, longestTimer));

    const observer = new MutationObserver(() => {
      if (!this.#modal.isThere) this.end('removed');
    });
    observer.observe(document, { childList: true, subtree: true });

    const onPageHide = () => {
      this.end('removed');
    };
    window.addEventListener('pagehide', onPageHide);

    this.#cleanups.push(() => {
      clearTimeout(this.#timer);
      observer.disconnect();
      window.removeEventListener('pagehide', onPageHide);
    });
  }

  #onTimeout = () => {
    const { timeout, baseUrl } = this.#options;
    const within = `within ${String(timeout)} seconds`;
    this.#fail(
      this.#modal.frame
        ? unreachable(new URL(baseUrl, document.baseURI), `did not load ${within}`)
        : new PicaError('token-headers-invalid', `The token-headers did not come ${within}.`, {
            hint: 'Let the function that you gave for token-headers answer sooner, or raise timeout.',
          }),
    );
  };

  #resolveBaseUrl(): URL | undefined {
    const { baseUrl } = this.#options;
    try {
      const url = new URL(baseUrl, document.baseURI);
      // AuthKit writes its own query behind the address.
      if (/^https?:$/.test(url.protocol) && !url.search && !url.hash) return url;
    } catch {
      // Refused below, like every other address that is none.
    }
    this.#fail(
      new PicaError('authkit-unreachable', `base-url is not AuthKit's address: "${baseUrl}".`, {
        hint: "Leave base-url out to use Pica's own AuthKit, or give a full http(s) address without ? and #.",
      }),
    );
    return undefined;
  }

  #fail(error: PicaError): void {
    if (this.#ended) return;
    // Whoever closes it in answer to the error does not change why it ends.
    this.#isFailing = true;
    this.#listener.onError(error);
    this.end('error');
  }
}
