import type { LitElement, ReactiveController } from 'lit';
import type { SessionOptions } from '../authkit/options.js';
import { preconnect } from '../authkit/preconnect.js';
import { AuthKitSession } from '../authkit/session.js';
import type { Connection } from '../connection.js';
import { resolveHeaders } from '../endpoints/headers.js';
import { resolveTokenUrl } from '../endpoints/token.js';
import type { PicaError } from '../errors.js';
import type { CloseReason } from '../events.js';
import { inheritNothing } from '../hardening/prototype-pollution.js';
import { loadPreload } from '../lazy.js';
import { normalizeConnections } from '../normalize-connections.js';
import { authkitOrigin } from './authkit-address.js';
import { DebugReport } from './debug-report.js';
import type { Checkable, ConnectOptions } from './options.js';
import type { Opening } from './opening.js';
import type { Preload } from './preload.js';
import { SaveController } from './save-controller.js';
import { sessionOptions } from './session-options.js';
import { checkWhileOpening, prefetchCheck } from './token-check.js';

export { runChecks } from './token-check.js';

export interface OpenerListener {
  /** Called before the page hears of the connection. */
  onNewConnection: (connection: Connection) => void;
  /** `saving.isSaving` or `saving.hasUnsaved` may have changed. */
  onChange: () => void;
  onError: (error: PicaError) => void;
  /** Whether this opening is still going on. */
  isOpening: (opening: Opening) => boolean;
}

interface OpeningListener {
  /** AuthKit's page can be seen and used. */
  onVisible: () => void;
  /** AuthKit has closed, with the last new connection. */
  onEnd: (reason: CloseReason, connection: Connection | null) => void;
}

/** Opens AuthKit with an element's options, and saves the connections: what `ConnectController` loads when it is needed. */
export class Opener implements ReactiveController {
  static {
    inheritNothing(this);
  }

  readonly saving: SaveController;
  readonly report: DebugReport;
  readonly #host: LitElement & ConnectOptions & Checkable;
  readonly #listener: OpenerListener;
  #preload: Preload | undefined;

  constructor(host: LitElement & ConnectOptions & Checkable, listener: OpenerListener) {
    this.#host = host;
    this.#listener = listener;
    this.saving = new SaveController(host, listener);
    this.report = new DebugReport(host, () => this.saving.note);
    host.addController(this);
    // For the controllers that have missed the last update.
    host.requestUpdate();
  }

  hostUpdated(): void {
    this.#preload?.review();
  }

  hostDisconnected(): void {
    this.#preload?.review();
  }

  /** Opens AuthKit, and gives the opening its session. */
  open(opening: Opening, { onVisible, onEnd }: OpeningListener): void {
    const { selectedConnection, view } = opening;
    /** In the order in which AuthKit reported them. By key, because AuthKit repeats some. */
    const connections = new Map<string, Connection>();
    const newSession = this.#createSession(this.#resolveToken(), selectedConnection, (error) => {
      // Faults of an opening that is over are not reported.
      queueMicrotask(() => {
        if (this.#listener.isOpening(opening)) this.#listener.onError(error);
      });
    });
    const session = this.#preload?.take(newSession) ?? newSession;
    opening.session = session;
    const onSuccess = (record: unknown) => {
      this.#onSuccess(opening, connections, record);
    };
    const { onError } = this.#listener;
    const onSessionEnd = (reason: CloseReason) => {
      onEnd(reason, [...connections.values()].at(-1) ?? null);
    };
    session.open({ onVisible, onSuccess, onError, onEnd: onSessionEnd }, view);
  }

  /** Connects to AuthKit's server, checks the token endpoint and, with `preload="page"`, loads AuthKit's page. */
  prefetch(selectedConnection: string | undefined): void {
    const host = this.#host;
    preconnect(authkitOrigin(host));
    const checked = prefetchCheck(host);
    if (host.preload !== 'page') return;
    const createSession = () => this.#createSession(this.#resolveToken(), selectedConnection);
    loadPreload()
      .then(({ Preload }) => (this.#preload ??= new Preload(host)).begin(createSession, checked))
      // The click will report the fault, or open AuthKit without a preloaded page.
      .catch(() => undefined);
  }

  #resolveToken(): SessionOptions['token'] {
    const { tokenUrl, tokenHeaders } = this.#host;
    try {
      const token = {
        url: resolveTokenUrl(tokenUrl),
        headers: resolveHeaders(tokenHeaders, 'token-headers'),
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

  #onSuccess({ openedFor }: Opening, connections: Map<string, Connection>, record: unknown): void {
    const read = normalizeConnections([record]);
    for (const error of read.refused) this.#listener.onError(error);
    const [connection] = read.connections;
    if (!connection || connections.has(connection.key)) return;
    connections.set(connection.key, connection);
    if (this.saving.isForCurrentUser(openedFor)) {
      this.#listener.onNewConnection(connection);
      void this.saving.save(connection);
    } else this.saving.addUnsaved(connection, openedFor);
  }
}
