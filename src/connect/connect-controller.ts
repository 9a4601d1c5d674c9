import type { LitElement, ReactiveController } from 'lit';
import { claimDocument } from '../authkit/active-session.js';
import { openWindow } from '../authkit/embedding.js';
import type { Connection } from '../connection.js';
import { mayHaveOutbox } from '../endpoints/outbox-prefix.js';
import type { StoreOptions } from '../endpoints/store.js';
import type { PicaError } from '../errors.js';
import { type CloseReason, PicaCloseEvent, PicaErrorEvent, PicaOpenEvent } from '../events.js';
import { dictionary, inheritNothing } from '../hardening/prototype-pollution.js';
import { safeDocument } from '../hardening/safe-document.js';
import { loadOpener } from '../lazy.js';
import { warn } from '../log.js';
import { filesUnavailable } from './files-unavailable.js';
import type { Opener } from './opener.js';
import type { Opening } from './opening.js';
import type { Checkable, ConnectOptions } from './options.js';
import { optionsOf } from './store-options.js';

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

/** What an element hears from its controller, in addition to the events. */
export interface ConnectListener {
  /** Called before the page hears of the connection. */
  onNewConnection: (connection: Connection) => void;
}

/**
 * Opens AuthKit for an element, and dispatches the events. Both elements have one. Most are never used, so the code that
 * opens AuthKit and saves connections is loaded when somebody is about to click.
 */
export class ConnectController implements ReactiveController {
  static {
    inheritNothing(this);
  }

  readonly #host: Host;
  readonly #listener: ConnectListener;
  #opening: Opening | undefined;
  #opener: Opener | undefined;
  #intentTimer: ReturnType<typeof setTimeout> | undefined;
  #shownStatus: ConnectStatus = 'idle';
  /** Whether the last opening failed because the code for it could not be loaded. */
  isUnavailable = false;
  /** What the code was last needed for before an intent: `debug`, or the outbox of a user. */
  #need = '';

  readonly reportError = (error: PicaError): void => {
    if (this.#host.debug)
      this.#load().then(
        ({ report }) => report.add(error),
        () => {
          this.#showPlainly(error);
        },
      );
    warn(`${error.code}: ${error.message}\n${error.hint}`);
    this.#host.dispatchEvent(new PicaErrorEvent({ error }));
    // A save may fail after its element was removed. Then listeners on the document would miss the event.
    if (!this.#host.isConnected) safeDocument.dispatchEvent(new PicaErrorEvent({ error }));
  };

  constructor(host: Host, listener: ConnectListener) {
    this.#host = host;
    this.#listener = dictionary(listener);
    host.addController(this);
  }

  get status(): ConnectStatus {
    if (this.#opening && !this.#opening.isVisible) return 'loading';
    if (this.#opener?.saving.isSaving) return 'saving';
    if (this.#opening) return 'open';
    return this.#opener?.saving.hasUnsaved ? 'unsaved' : 'idle';
  }

  hostUpdated(): void {
    if (this.#opener) return;
    const { debug, connectionsUrl, identity } = this.#host;
    const owner = connectionsUrl && identity ? `${identity} ${connectionsUrl}` : '';
    const need = debug ? 'debug' : owner;
    if (need === this.#need) return;
    this.#need = need;
    if (debug) this.#load().catch(this.#onUnavailable);
    else if (owner && mayHaveOutbox()) this.#load().catch(ignore);
  }

  hostDisconnected(): void {
    const opening = this.#opening;
    if (!opening) return;
    // An element that is moved is connected again before the next task. By then, this opening may be over.
    setTimeout(() => {
      const isOutside = !this.#host.isConnected || this.#host.ownerDocument !== document;
      if (isOutside && this.#opening === opening) this.close('removed');
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
    this.#opener?.report.clear();
    const isOutside = () => !host.isConnected;
    const wasOutside = isOutside();
    const isWanted = host.dispatchEvent(new PicaOpenEvent({ selectedConnection }));
    if (!isWanted || (isOutside() && !wasOutside)) return Promise.resolve(null);
    return this.#start(selectedConnection).closed;
  }

  close(reason: CloseReason = 'api'): void {
    const opening = this.#opening;
    if (opening?.session) opening.session.end(reason);
    else if (opening) this.#end(opening, reason, null);
  }

  /** Saves unsaved connections again: dispatches `pica-success`, and sends them to `connections-url`. */
  retrySave(): void {
    this.#opener?.saving.retry();
  }

  /** Dispatches `pica-success`, and sends the connection to `connections-url`. */
  save(connection: Connection, options?: StoreOptions): void {
    this.#load().then(({ saving }) => saving.save(connection, options), this.#onUnavailable);
  }

  /** The user is likely to open AuthKit: the pointer or the focus is on the control for it. */
  prefetch(selectedConnection: string | undefined): void {
    clearTimeout(this.#intentTimer);
    if (this.#opening || this.#host.preload === 'none') return;
    this.#intentTimer = setTimeout(() => {
      if (!this.#host.isConnected) return;
      this.#load().then((opener) => {
        if (!this.#opening) opener.prefetch(selectedConnection);
        // The click will report that the code is missing.
      }, ignore);
    }, intentDelayMs);
  }

  #start(selectedConnection: string | undefined): Opening {
    // A listener of pica-open may have opened it.
    if (this.#opening) return this.#opening;
    this.isUnavailable = false;
    let settle!: Opening['settle'];
    const closed = new Promise<Connection | null>((resolve) => (settle = resolve));
    const openedFor = optionsOf(this.#host);
    const opening: Opening = {
      ...{ selectedConnection, openedFor, closed, settle },
      isVisible: false,
    };
    this.#opening = opening;
    this.#onChange();
    opening.view = openWindow();
    // Firefox runs microtasks while it opens a window.
    if (this.#opening !== opening) {
      opening.view?.close();
      return opening;
    }
    // Within the click, if an intent has loaded the code.
    if (this.#opener) this.#open(opening, this.#opener);
    else this.#loadAndOpen(opening);
    return opening;
  }

  #loadAndOpen(opening: Opening): void {
    // The last click wins, not the code that is loaded last.
    opening.release = claimDocument({
      end: (reason) => {
        if (!opening.session) this.#end(opening, reason, null);
      },
    });
    this.#load().then(
      (opener) => {
        if (this.#opening === opening) this.#open(opening, opener);
      },
      (cause: unknown) => {
        if (this.#opening !== opening) return;
        this.isUnavailable = true;
        this.#onUnavailable(cause);
        this.#end(opening, 'error', null);
      },
    );
  }

  #open(opening: Opening, opener: Opener): void {
    opener.open(opening, {
      onVisible: () => {
        opening.isVisible = true;
        this.#onChange();
      },
      onEnd: (reason, connection) => {
        this.#end(opening, reason, connection);
      },
    });
  }

  #end(opening: Opening, reason: CloseReason, connection: Connection | null): void {
    opening.view?.close();
    opening.release?.();
    this.#opening = undefined;
    this.#onChange();
    this.#host.dispatchEvent(new PicaCloseEvent({ connection, reason }));
    opening.settle(connection);
  }

  async #load(): Promise<Opener> {
    const { Opener } = await loadOpener();
    return (this.#opener ??= new Opener(this.#host, {
      onNewConnection: this.#listener.onNewConnection,
      onChange: () => {
        this.#onChange();
      },
      onError: this.reportError,
      isOpening: (opening) => this.#opening === opening,
    }));
  }

  /** Without the code, the `.debug` box gets the text alone. */
  #showPlainly({ code, message, hint }: PicaError): void {
    const box = this.#host.shadowRoot?.querySelector('.debug');
    if (box) box.textContent = `${code}: ${message} ${hint}`;
  }

  #onUnavailable = (cause: unknown) => {
    this.reportError(filesUnavailable(cause));
  };

  #onChange(): void {
    const before = this.#shownStatus;
    this.#shownStatus = this.status;
    if (this.#shownStatus !== before) this.#host.requestUpdate('status', before);
  }
}

const ignore = () => {};
