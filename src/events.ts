import type { Connection } from './connection.js';
import type { PicaError } from './errors.js';
import type { Integration } from './integration.js';
import { dictionary } from './hardening/own.js';

/** How an opening of AuthKit ended. */
export type CloseReason =
  /** The user left AuthKit by its own controls, or by the Cancel that belongs to the element. */
  | 'user'
  /** The user pressed Escape or used the browser's way back. */
  | 'escape'
  /** A script called `close()`, or another element opened AuthKit. */
  | 'api'
  /** The element, or AuthKit's frame, was taken out of the document, or the page was left. */
  | 'removed'
  /** AuthKit could not be opened; a `pica-error` says why. */
  | 'error';

/** An event whose listeners may ask the element to wait for what they do, as service workers have it. */
class WaitingEvent<T> extends CustomEvent<T> {
  readonly #promises: Promise<unknown>[];

  constructor(type: string, init: CustomEventInit<T>, waitFor: readonly Promise<unknown>[] = []) {
    super(type, init);
    this.#promises = [...waitFor];
  }

  /**
   * Makes the element wait for `promise`. May be called several times, but only while the event is
   * being dispatched.
   * @throws {DOMException} `InvalidStateError` when the event is over.
   */
  waitUntil(promise: Promise<unknown>): void {
    if (this.eventPhase === Event.NONE) {
      throw new DOMException(
        `waitUntil() of ${this.type} was called after the event. Call it in the listener itself, before any await, and give it the promise of the work.`,
        'InvalidStateError',
      );
    }
    this.#promises.push(Promise.resolve(promise));
  }

  /** Whether a listener asked the element to wait. Final once the event is over. */
  get isAwaited(): boolean {
    return this.#promises.length > 0;
  }

  /** Settles when all that listeners asked to wait for has settled; empty when nobody asked. */
  get settled(): Promise<PromiseSettledResult<unknown>[]> {
    // A microtask later the dispatch is over, and no listener can add to the promises any more.
    return Promise.resolve().then(() => Promise.allSettled(this.#promises));
  }
}

/** AuthKit is about to open. `preventDefault()` keeps it closed. */
export class PicaOpenEvent extends CustomEvent<{ selectedConnection: string | undefined }> {
  constructor(detail: PicaOpenEvent['detail']) {
    super('pica-open', dictionary({ detail, bubbles: true, composed: true, cancelable: true }));
  }
}

/**
 * A connection was made: once for each connection key and opening, and again for each `retrySave()`.
 * Give `waitUntil()` the promise of storing it; until that settles the element shows `saving`, and if it
 * rejects, or a listener throws, `unsaved`.
 */
export class PicaSuccessEvent extends WaitingEvent<{ connection: Connection }> {
  /** @param waitFor what the element itself does to store the connection. */
  constructor(detail: PicaSuccessEvent['detail'], waitFor?: readonly Promise<unknown>[]) {
    super('pica-success', dictionary({ detail, bubbles: true, composed: true }), waitFor);
  }
}

/** Something went wrong. */
export class PicaErrorEvent extends CustomEvent<{ error: PicaError }> {
  constructor(detail: PicaErrorEvent['detail']) {
    super('pica-error', dictionary({ detail, bubbles: true, composed: true }));
  }
}

/**
 * AuthKit has closed. Dispatched exactly once per opening, after all other events except a `pica-error` `save-failed`,
 * which may follow if a save is still pending.
 */
export class PicaCloseEvent extends CustomEvent<{
  /** The last connection that was made in this opening. */
  connection: Connection | null;
  reason: CloseReason;
}> {
  constructor(detail: PicaCloseEvent['detail']) {
    super('pica-close', dictionary({ detail, bubbles: true, composed: true }));
  }
}

/** The list has loaded, or loaded again. */
export class PicaLoadEvent extends CustomEvent<{ connections: Connection[] }> {
  constructor(detail: PicaLoadEvent['detail']) {
    super('pica-load', dictionary({ detail, bubbles: true, composed: true }));
  }
}

/** The user asked the list to connect or reconnect. `preventDefault()` keeps AuthKit closed. */
export class PicaConnectEvent extends CustomEvent<{
  integration: Integration;
  /** The connection to renew, when it is a reconnection. */
  connection: Connection | null;
}> {
  constructor(detail: PicaConnectEvent['detail']) {
    super('pica-connect', dictionary({ detail, bubbles: true, composed: true, cancelable: true }));
  }
}

/**
 * The user confirmed that a connection is to go. Without more the list deletes it at `connections-url`;
 * `preventDefault()` keeps it from that. The row goes when this and all that was given to `waitUntil()`
 * have succeeded, and stays with an error otherwise.
 */
export class PicaDisconnectEvent extends WaitingEvent<{ connection: Connection }> {
  constructor(detail: PicaDisconnectEvent['detail']) {
    super(
      'pica-disconnect',
      dictionary({ detail, bubbles: true, composed: true, cancelable: true }),
    );
  }
}

interface PicaEventMap {
  'pica-open': PicaOpenEvent;
  'pica-success': PicaSuccessEvent;
  'pica-error': PicaErrorEvent;
  'pica-close': PicaCloseEvent;
  'pica-load': PicaLoadEvent;
  'pica-connect': PicaConnectEvent;
  'pica-disconnect': PicaDisconnectEvent;
}

declare global {
  interface HTMLElementEventMap extends PicaEventMap {}
  // They bubble, so a page may listen further up.
  interface DocumentEventMap extends PicaEventMap {}
  interface WindowEventMap extends PicaEventMap {}
}
