import type { Connection } from './connection.js';
import type { PicaError } from './errors.js';
import type { Integration } from './integration.js';
import { dictionary } from './hardening/prototype-pollution.js';

/** How an opening of AuthKit ended. */
export type CloseReason =
  /** The user left AuthKit with its own controls, or with the element's Cancel or Close. */
  | 'user'
  /** The user pressed Escape, or went back with the browser's gesture. */
  | 'escape'
  /** A script called `close()`, or another element opened AuthKit. */
  | 'api'
  /** The element or AuthKit's frame was removed from the document, or the user left the page. */
  | 'removed'
  /** AuthKit could not be opened. A `pica-error` event says why. */
  | 'error';

const eventInit = <T>(detail: T, cancelable = false): CustomEventInit<T> =>
  dictionary({ detail, bubbles: true, composed: true, cancelable });

/** An event with `waitUntil()`, as the `ExtendableEvent` of service workers has it. */
class ExtendableEvent<T> extends CustomEvent<T> {
  readonly #promises: Promise<unknown>[];

  constructor(type: string, init: CustomEventInit<T>, waitFor: readonly Promise<unknown>[] = []) {
    super(type, init);
    this.#promises = [...waitFor];
  }

  /**
   * Makes the element wait for `promise`. Can be called several times, but only while the event is being dispatched.
   * @throws {DOMException} `InvalidStateError` after that.
   */
  waitUntil(promise: Promise<unknown>): void {
    if (this.eventPhase === Event.NONE) {
      throw new DOMException(
        `waitUntil() of ${this.type} was called after the event. Call it in the listener, before any await, with the promise of your work.`,
        'InvalidStateError',
      );
    }
    this.#promises.push(Promise.resolve(promise));
  }

  /** Whether a listener has called `waitUntil()`. Final once the event has been dispatched. */
  get isAwaited(): boolean {
    return this.#promises.length > 0;
  }

  /** Resolves when all promises that were passed to `waitUntil()` have settled. */
  get settled(): Promise<PromiseSettledResult<unknown>[]> {
    // Wait for a microtask: then the event has been dispatched, and no listener can add promises.
    return Promise.resolve().then(() => Promise.allSettled(this.#promises));
  }
}

/** AuthKit is about to open. `preventDefault()` stops that. */
export class PicaOpenEvent extends CustomEvent<{ selectedConnection: string | undefined }> {
  constructor(detail: PicaOpenEvent['detail']) {
    super('pica-open', eventInit(detail, true));
  }
}

/**
 * The user connected an account. Dispatched once per connection key and opening, and again by each `retrySave()`. Pass
 * the promise of storing the connection to `waitUntil()`: the element's status is `saving` until the promise settles,
 * and `unsaved` if it rejects or a listener throws.
 */
export class PicaSuccessEvent extends ExtendableEvent<{ connection: Connection }> {
  /** @param waitFor promises of the element itself, which stores the connection too. */
  constructor(detail: PicaSuccessEvent['detail'], waitFor?: readonly Promise<unknown>[]) {
    super('pica-success', eventInit(detail), waitFor);
  }
}

/** Something went wrong. */
export class PicaErrorEvent extends CustomEvent<{ error: PicaError }> {
  constructor(detail: PicaErrorEvent['detail']) {
    super('pica-error', eventInit(detail));
  }
}

/**
 * AuthKit has closed. Dispatched exactly once per opening, after all other events except a `pica-error` `save-failed`,
 * which may follow if a save is still pending.
 */
export class PicaCloseEvent extends CustomEvent<{
  /** The last connection of this opening. */
  connection: Connection | null;
  reason: CloseReason;
}> {
  constructor(detail: PicaCloseEvent['detail']) {
    super('pica-close', eventInit(detail));
  }
}

/** The list has loaded its connections, for the first time or again. */
export class PicaLoadEvent extends CustomEvent<{ connections: Connection[] }> {
  constructor(detail: PicaLoadEvent['detail']) {
    super('pica-load', eventInit(detail));
  }
}

/** The user clicked Connect or Reconnect in the list. `preventDefault()` keeps AuthKit from opening. */
export class PicaConnectEvent extends CustomEvent<{
  integration: Integration;
  /** The connection to renew, for Reconnect. */
  connection: Connection | null;
}> {
  constructor(detail: PicaConnectEvent['detail']) {
    super('pica-connect', eventInit(detail, true));
  }
}

/**
 * The user confirmed that a connection should be deleted. The list deletes it at `connections-url`, unless a listener
 * calls `preventDefault()`. The row disappears once that and all promises passed to `waitUntil()` have succeeded. If one
 * fails, the row stays and shows an error.
 */
export class PicaDisconnectEvent extends ExtendableEvent<{ connection: Connection }> {
  constructor(detail: PicaDisconnectEvent['detail']) {
    super('pica-disconnect', eventInit(detail, true));
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
  // The events bubble, so a page can listen on the document or the window.
  interface DocumentEventMap extends PicaEventMap {}
  interface WindowEventMap extends PicaEventMap {}
}
