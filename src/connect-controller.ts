import type { LitElement, ReactiveController } from 'lit';
import { resolveAppTheme } from './app-theme.js';
import { AuthKitSession, type SessionOptions } from './authkit/session.js';
import type { ConnectOptions } from './connect-options.js';
import { type Connection, normalizeConnection } from './connection.js';
import { resolveHeaders } from './endpoints/headers.js';
import { resolveTokenUrl } from './endpoints/token.js';
import type { PicaError } from './errors.js';
import { type CloseReason, PicaCloseEvent, PicaErrorEvent, PicaOpenEvent } from './events.js';
import { en } from './locales/en.js';
import { SaveController } from './saving.js';

/**
 * `idle`; `loading`: from the click until AuthKit is visible; `open`: AuthKit is visible; `saving`:
 * a save is pending; `unsaved`: the last save failed.
 */
export type ConnectStatus = 'idle' | 'loading' | 'open' | 'saving' | 'unsaved';

type Host = LitElement & ConnectOptions;

/** From `pica-open` to `pica-close`. */
interface Opening {
  session: AuthKitSession;
  isVisible: boolean;
  /** In the order in which they were made; by key, so that AuthKit's repeats are heard once. */
  connections: Map<string, Connection>;
  closed: Promise<Connection | null>;
}

/** What an element may want to know beside the events. */
export interface ConnectListener {
  /** A connection was made; the page has not heard of it yet. */
  onMade?: (connection: Connection) => void;
  /** What an earlier page could not store is stored. */
  onStored?: () => void;
}

/** What both elements share: options in, one AuthKit session out, status and events. */
export class ConnectController implements ReactiveController {
  readonly #host: Host;
  #opening: Opening | undefined;
  readonly #saving: SaveController;
  #shownStatus: ConnectStatus = 'idle';

  readonly #onMade: (connection: Connection) => void;

  constructor(host: Host, { onMade = () => {}, onStored = () => {} }: ConnectListener = {}) {
    this.#host = host;
    this.#onMade = onMade;
    this.#saving = new SaveController(host, {
      onChange: () => {
        this.#onChange();
      },
      onStored,
      onError: (error) => {
        this.reportError(error);
      },
    });
    host.addController(this);
  }

  get status(): ConnectStatus {
    if (this.#opening && !this.#opening.isVisible) return 'loading';
    if (this.#saving.isSaving) return 'saving';
    if (this.#opening) return 'open';
    return this.#saving.hasUnsaved ? 'unsaved' : 'idle';
  }

  /** What is wrong, for whoever looks with `debug`. */
  get note(): string {
    return this.#saving.note;
  }

  hostDisconnected(): void {
    if (!this.#opening) return;
    // An element that is only moved is back before the next task, and stays open.
    setTimeout(() => {
      if (!this.#host.isConnected || this.#host.ownerDocument !== document) this.close('removed');
    });
  }

  /**
   * Opens AuthKit, or does nothing new while it is open.
   * @returns the last connection that was made, or null, when AuthKit has closed. Never rejects.
   */
  open(selectedConnection: string | undefined): Promise<Connection | null> {
    if (this.#opening) return this.#opening.closed;
    const host = this.#host;
    try {
      resolveTokenUrl(host.tokenUrl);
      // A function is called only when AuthKit really opens.
      if (typeof host.tokenHeaders !== 'function') void this.#resolveTokenHeaders();
    } catch (error) {
      this.reportError(error as PicaError);
      return Promise.resolve(null);
    }
    const isOutside = () => !host.isConnected;
    const wasOutside = isOutside();
    const isWanted = host.dispatchEvent(new PicaOpenEvent({ selectedConnection }));
    if (!isWanted || (isOutside() && !wasOutside)) return Promise.resolve(null);
    // Read again: a listener may have set them.
    let token: SessionOptions['token'];
    try {
      token = { url: resolveTokenUrl(host.tokenUrl), headers: this.#resolveTokenHeaders() };
    } catch (error) {
      token = { url: '', headers: refused(error as PicaError) };
    }
    // Where nobody waits for them in the end, their rejection is none of the page's business.
    if (token.headers instanceof Promise) token.headers.catch(() => undefined);
    return this.#start(token, selectedConnection).closed;
  }

  close(reason: CloseReason = 'api'): void {
    this.#opening?.session.end(reason);
  }

  /** Saves again what is not saved: dispatches `pica-success` again, and sends it to `connections-url`. */
  retrySave(): void {
    this.#saving.retry();
  }

  reportError(error: PicaError): void {
    this.#host.dispatchEvent(new PicaErrorEvent({ error }));
    // A save may outlive its element, and whoever listens further up would not hear of it.
    if (!this.#host.isConnected) document.dispatchEvent(new PicaErrorEvent({ error }));
  }

  #resolveTokenHeaders(): ReturnType<typeof resolveHeaders> {
    return resolveHeaders(this.#host.tokenHeaders, 'token-headers');
  }

  #start(token: SessionOptions['token'], selectedConnection: string | undefined): Opening {
    // A listener of pica-open may have opened it meanwhile.
    if (this.#opening) return this.#opening;
    const connections: Opening['connections'] = new Map();
    let settle!: (connection: Connection | null) => void;
    const closed = new Promise<Connection | null>((resolve) => (settle = resolve));
    const session = new AuthKitSession(this.#sessionOptions(token, selectedConnection), {
      onVisible: () => {
        opening.isVisible = true;
        this.#onChange();
      },
      onSuccess: (record) => {
        this.#onSuccess(connections, record);
      },
      onError: (error) => {
        this.reportError(error);
      },
      onEnd: (reason) => {
        this.#opening = undefined;
        this.#onChange();
        const connection = [...connections.values()].at(-1) ?? null;
        this.#host.dispatchEvent(new PicaCloseEvent({ connection, reason }));
        settle(connection);
      },
    });
    const opening: Opening = { session, isVisible: false, connections, closed };
    this.#opening = opening;
    this.#onChange();
    session.open();
    return opening;
  }

  #sessionOptions(
    token: SessionOptions['token'],
    selectedConnection: string | undefined,
  ): SessionOptions {
    const host = this.#host;
    const appTheme = resolveAppTheme(host);
    return {
      token,
      selectedConnection,
      appTheme,
      baseUrl: host.baseUrl ?? 'https://authkit.picaos.com',
      title: host.modalTitle ?? undefined,
      imageUrl: host.imageUrl ?? undefined,
      companyName: host.companyName ?? undefined,
      showNameInput: host.showNameInput,
      timeout: host.timeout > 0 ? host.timeout : 15,
      opener: host,
      colorScheme: appTheme,
      label: selectedConnection ? en.connectTo(selectedConnection) : en.authkitTitle,
      openingText: en.opening,
      cancelText: en.cancel,
      closeText: en.close,
      lang: 'en',
      dir: 'ltr',
    };
  }

  #onSuccess(connections: Opening['connections'], record: unknown): void {
    let connection: Connection;
    try {
      connection = normalizeConnection(record);
    } catch (error) {
      this.reportError(error as PicaError);
      return;
    }
    if (connections.has(connection.key)) return;
    connections.set(connection.key, connection);
    this.#onMade(connection);
    void this.#saving.save(connection);
  }

  /** What `status` depends on has changed: the host may have to show another one. */
  #onChange(): void {
    const before = this.#shownStatus;
    this.#shownStatus = this.status;
    if (this.#shownStatus !== before) this.#host.requestUpdate('status', before);
  }
}

function refused(error: PicaError): Promise<never> {
  return Promise.reject(error);
}
