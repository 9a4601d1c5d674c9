import type { LitElement, ReactiveController } from 'lit';
import type { SessionOptions } from '../authkit/options.js';
import { preconnect } from '../authkit/preconnect.js';
import { AuthKitSession } from '../authkit/session.js';
import type { Connection } from '../connection.js';
import { normalizeConnections } from '../normalize-connections.js';
import { resolveHeaders } from '../endpoints/headers.js';
import type { SettledEvent, StoreOptions } from '../endpoints/store.js';
import { resolveTokenUrl } from '../endpoints/token.js';
import { PicaError } from '../errors.js';
import { type CloseReason, PicaCloseEvent, PicaErrorEvent, PicaOpenEvent } from '../events.js';
import { warn } from '../log.js';
import { dictionary, inheritNothing } from '../hardening/prototype-pollution.js';
import { DebugReport } from './debug-report.js';
import type { Checkable, ConnectOptions } from './options.js';
import type { Preload } from './preload.js';
import { loadPreload } from '../lazy.js';
import { optionsOf, SaveController } from './save-controller.js';
import { sessionOptions } from './session-options.js';
import { authkitOrigin, checkWhileOpening, prefetchCheck } from './token-check.js';
import { safeDocument } from '../hardening/safe-document.js';

/**
 * `idle`; `loading`: from the click until AuthKit is visible; `open`: AuthKit is visible; `saving`:
 * a save is pending; `unsaved`: the last save failed.
 */
export type ConnectStatus = 'idle' | 'loading' | 'open' | 'saving' | 'unsaved';

type Host = LitElement & ConnectOptions & Checkable;

/**
 * Wait this long after a hover before preconnecting: a click that follows at once should not queue behind it, and a
 * passing pointer is no intent.
 */
const intentDelayMs = 25;

/** From `pica-open` to `pica-close`. */
interface Opening {
  session: AuthKitSession;
  isVisible: boolean;
  /** Of the user who opened it: the element's `identity` may change before AuthKit closes. */
  openedFor: StoreOptions;
  /** In the order in which AuthKit reported them. By key, because AuthKit repeats some. */
  connections: Map<string, Connection>;
  closed: Promise<Connection | null>;
}

/** What an element hears from its controller, in addition to the events. */
export interface ConnectListener {
  /** Called before the page hears of the connection. */
  onNewConnection?: (connection: Connection) => void;
  /** A connection has been stored or disconnected, by any element or tab. */
  onSettled?: (event: SettledEvent) => void;
}

/** Opens AuthKit with an element's options, saves the connections, and dispatches the events. Both elements have one. */
export class ConnectController implements ReactiveController {
  static {
    inheritNothing(this);
  }

  readonly #host: Host;
  #opening: Opening | undefined;
  readonly #saving: SaveController;
  readonly #report: DebugReport;
  #preload: Preload | undefined;
  #intentTimer: ReturnType<typeof setTimeout> | undefined;
  #shownStatus: ConnectStatus = 'idle';
  readonly #onNewConnection: (connection: Connection) => void;

  readonly reportError = (error: PicaError): void => {
    this.#report.add(error);
    warn(`${error.code}: ${error.message}\n${error.hint}`);
    this.#host.dispatchEvent(new PicaErrorEvent({ error }));
    // A save may fail after its element was removed. Then listeners on the document would miss the event.
    if (!this.#host.isConnected) safeDocument.dispatchEvent(new PicaErrorEvent({ error }));
  };

  constructor(host: Host, listener: ConnectListener) {
    const { onNewConnection = () => {}, onSettled = () => {} } = dictionary(listener);
    this.#host = host;
    this.#onNewConnection = onNewConnection;
    this.#saving = new SaveController(host, {
      onChange: () => {
        this.#onChange();
      },
      onSettled,
      onError: this.reportError,
    });
    this.#report = new DebugReport(host, () => this.#saving.note);
    host.addController(this);
  }

  get status(): ConnectStatus {
    if (this.#opening && !this.#opening.isVisible) return 'loading';
    if (this.#saving.isSaving) return 'saving';
    if (this.#opening) return 'open';
    return this.#saving.hasUnsaved ? 'unsaved' : 'idle';
  }

  hostUpdated(): void {
    this.#preload?.review();
  }

  hostDisconnected(): void {
    this.#preload?.review();
    const session = this.#opening?.session;
    if (!session) return;
    // An element that is moved is connected again before the next task. By then, this opening may be over.
    setTimeout(() => {
      if (!this.#host.isConnected || this.#host.ownerDocument !== document) session.end('removed');
    });
  }

  /**
   * Opens AuthKit, unless this element has it open.
   * @returns when AuthKit has closed: the last new connection, or null. Never rejects.
   */
  open(selectedConnection: string | undefined): Promise<Connection | null> {
    if (this.#opening) return this.#opening.closed;
    clearTimeout(this.#intentTimer);
    const host = this.#host;
    this.#report.clear();
    // Functions are called only once AuthKit is certain to open.
    const fault = this.#resolveToken(typeof host.tokenHeaders === 'function' ? {} : undefined);
    if (fault instanceof PicaError) {
      this.reportError(fault);
      return Promise.resolve(null);
    }
    const isOutside = () => !host.isConnected;
    const wasOutside = isOutside();
    const isWanted = host.dispatchEvent(new PicaOpenEvent({ selectedConnection }));
    if (!isWanted || (isOutside() && !wasOutside)) return Promise.resolve(null);
    // Resolved again, because a listener may have set the options.
    return this.#start(this.#resolveToken(), selectedConnection).closed;
  }

  close(reason: CloseReason = 'api'): void {
    this.#opening?.session.end(reason);
  }

  /** Saves unsaved connections again: dispatches `pica-success`, and sends them to `connections-url`. */
  retrySave(): void {
    this.#saving.retry();
  }

  /** Dispatches `pica-success`, and sends the connection to `connections-url`. */
  save(connection: Connection, options?: StoreOptions): void {
    void this.#saving.save(connection, options);
  }

  /** The user is likely to open AuthKit: the pointer or the focus is on the control for it. */
  prefetch(selectedConnection: string | undefined): void {
    const host = this.#host;
    clearTimeout(this.#intentTimer);
    if (this.#opening || host.preload === 'none') return;
    this.#intentTimer = setTimeout(() => {
      if (!host.isConnected) return;
      preconnect(authkitOrigin(host));
      const checked = prefetchCheck(host);
      if (host.preload !== 'page') return;
      const createSession = () => this.#createSession(this.#resolveToken(), selectedConnection);
      loadPreload()
        .then(({ Preload }) => (this.#preload ??= new Preload(host)).begin(createSession, checked))
        // The click will report the fault, or open AuthKit without a preloaded page.
        .catch(() => undefined);
    }, intentDelayMs);
  }

  /** @param headers used in place of the host's. */
  #resolveToken(headers?: Record<string, string>): SessionOptions['token'] {
    const { tokenUrl, tokenHeaders } = this.#host;
    try {
      const token = {
        url: resolveTokenUrl(tokenUrl),
        headers: headers ?? resolveHeaders(tokenHeaders, 'token-headers'),
      };
      // If AuthKit closes first, nobody handles a rejection, and the page must not see it as unhandled.
      if (token.headers instanceof Promise) token.headers.catch(() => undefined);
      return token;
    } catch (error) {
      return error as PicaError;
    }
  }

  #createSession(
    token: SessionOptions['token'],
    selectedConnection: string | undefined,
    onFault: (error: PicaError) => void = () => {},
  ): AuthKitSession {
    const checked = checkWhileOpening(this.#host, { token, selectedConnection }, onFault);
    return new AuthKitSession(sessionOptions(this.#host, checked));
  }

  #start(token: SessionOptions['token'], selectedConnection: string | undefined): Opening {
    // A listener of pica-open may have opened it.
    if (this.#opening) return this.#opening;
    const connections = new Map<string, Connection>();
    let settle!: (connection: Connection | null) => void;
    const closed = new Promise<Connection | null>((resolve) => (settle = resolve));
    const newSession = this.#createSession(token, selectedConnection, (error) => {
      // Faults of an opening that is over are not reported.
      queueMicrotask(() => {
        if (this.#opening?.closed === closed) this.reportError(error);
      });
    });
    const session = this.#preload?.take(newSession) ?? newSession;
    const openedFor = optionsOf(this.#host);
    const opening: Opening = { session, isVisible: false, openedFor, connections, closed };
    this.#opening = opening;
    this.#onChange();
    session.open({
      onVisible: () => {
        opening.isVisible = true;
        this.#onChange();
      },
      onSuccess: (record) => {
        this.#onSuccess(opening, record);
      },
      onError: this.reportError,
      onEnd: (reason) => {
        this.#opening = undefined;
        this.#onChange();
        const connection = [...connections.values()].at(-1) ?? null;
        this.#host.dispatchEvent(new PicaCloseEvent({ connection, reason }));
        settle(connection);
      },
    });
    return opening;
  }

  #onSuccess({ connections, openedFor }: Opening, record: unknown): void {
    const read = normalizeConnections([record]);
    for (const error of read.refused) this.reportError(error);
    const [connection] = read.connections;
    if (!connection || connections.has(connection.key)) return;
    connections.set(connection.key, connection);
    if (this.#saving.isForCurrentUser(openedFor)) {
      this.#onNewConnection(connection);
      this.save(connection);
    } else this.#saving.addUnsaved(connection, openedFor);
  }

  #onChange(): void {
    const before = this.#shownStatus;
    this.#shownStatus = this.status;
    if (this.#shownStatus !== before) this.#host.requestUpdate('status', before);
  }
}
