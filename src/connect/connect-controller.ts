import type { LitElement, ReactiveController } from 'lit';
import { connectAhead } from '../authkit/connect-ahead.js';
import { AuthKitSession, type SessionOptions } from '../authkit/session.js';
import type { Checkable, ConnectOptions } from './connect-options.js';
import type { Connection } from '../connection.js';
import { normalizeConnections } from '../normalize-connections.js';
import { resolveHeaders } from '../endpoints/headers.js';
import type { SettledEvent, StoreOptions } from '../endpoints/store.js';
import { resolveTokenUrl } from '../endpoints/token.js';
import type { PicaError } from '../errors.js';
import { type CloseReason, PicaCloseEvent, PicaErrorEvent, PicaOpenEvent } from '../events.js';
import { warn } from '../log.js';
import { dictionary, inheritNothing } from '../hardening/own.js';
import { DebugReport } from './debug-report.js';
import type { Preload } from '../authkit/preload.js';
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

/** Wait this long after a hover: a click that follows at once should not queue, and a passing pointer is no intent. */
const hesitation = 25;

/** From `pica-open` to `pica-close`. */
interface Opening {
  session: AuthKitSession;
  isVisible: boolean;
  /** Of the user for whom it was opened: the element may be somebody else's before it has closed. */
  openedFor: StoreOptions;
  /** In the order in which they were made; by key, so that AuthKit's repeats are heard once. */
  connections: Map<string, Connection>;
  closed: Promise<Connection | null>;
}

/** What an element may want to know beside the events. */
export interface ConnectListener {
  /** A connection was made; the page has not heard of it yet. */
  onMade?: (connection: Connection) => void;
  /** A connection needs no more storing, whichever element or tab did it. */
  onSettled?: (event: SettledEvent) => void;
}

/** What both elements share: options in, one AuthKit session out, status and events. */
export class ConnectController implements ReactiveController {
  static {
    inheritNothing(this);
  }

  readonly #host: Host;
  #opening: Opening | undefined;
  readonly #saving: SaveController;
  readonly #report: DebugReport;
  #preload: Preload | undefined;
  #expecting: ReturnType<typeof setTimeout> | undefined;
  #shownStatus: ConnectStatus = 'idle';
  readonly #onMade: (connection: Connection) => void;

  readonly reportError = (error: PicaError): void => {
    this.#report.add(error);
    warn(`${error.code}: ${error.message}\n${error.hint}`);
    this.#host.dispatchEvent(new PicaErrorEvent({ error }));
    // A save may outlive its element. Listeners further up would miss the event.
    if (!this.#host.isConnected) safeDocument.dispatchEvent(new PicaErrorEvent({ error }));
  };

  constructor(host: Host, listener: ConnectListener) {
    const { onMade = () => {}, onSettled = () => {} } = dictionary(listener);
    this.#host = host;
    this.#onMade = onMade;
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
    clearTimeout(this.#expecting);
    const host = this.#host;
    this.#report.clear();
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
      token = this.#resolveToken();
    } catch (error) {
      const fault = error as PicaError;
      token = { url: '', headers: Promise.reject(fault) };
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

  /** Saves a connection that another element could not, and tells the page about it. */
  save(connection: Connection, options?: StoreOptions): void {
    void this.#saving.save(connection, options);
  }

  /** The user is about to open AuthKit: the pointer is over what opens it, or the focus on it. */
  expectOpening(selectedConnection: string | undefined): void {
    const host = this.#host;
    clearTimeout(this.#expecting);
    if (this.#opening || host.preload === 'none') return;
    this.#expecting = setTimeout(() => {
      if (!host.isConnected) return;
      connectAhead(authkitOrigin(host));
      const checked = prefetchCheck(host);
      if (host.preload !== 'page') return;
      const createSession = () => this.#createSession(this.#resolveToken(), selectedConnection);
      loadPreload()
        .then(({ Preload }) => (this.#preload ??= new Preload(host)).begin(createSession, checked))
        // Then the click opens it as ever, and says what is wrong.
        .catch(() => undefined);
    }, hesitation);
  }

  #resolveTokenHeaders(): ReturnType<typeof resolveHeaders> {
    return resolveHeaders(this.#host.tokenHeaders, 'token-headers');
  }

  #resolveToken(): SessionOptions['token'] {
    return { url: resolveTokenUrl(this.#host.tokenUrl), headers: this.#resolveTokenHeaders() };
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
    // A listener of pica-open may have opened it meanwhile.
    if (this.#opening) return this.#opening;
    const connections = new Map<string, Connection>();
    let settle!: (connection: Connection | null) => void;
    const closed = new Promise<Connection | null>((resolve) => (settle = resolve));
    const fresh = this.#createSession(token, selectedConnection, (error) => {
      // In an opening that is over, nothing is told any more.
      queueMicrotask(() => {
        if (this.#opening?.closed === closed) this.reportError(error);
      });
    });
    const session = this.#preload?.take(fresh) ?? fresh;
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
    if (this.#saving.isOfThisUser(openedFor)) {
      this.#onMade(connection);
      this.save(connection);
    } else this.#saving.keep(connection, openedFor);
  }

  /** What `status` depends on has changed: the host may have to show another one. */
  #onChange(): void {
    const before = this.#shownStatus;
    this.#shownStatus = this.status;
    if (this.#shownStatus !== before) this.#host.requestUpdate('status', before);
  }
}
