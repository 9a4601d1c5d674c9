/** Dispatches `SettledEvent` for connections that any element or tab has stored or disconnected. */
export const storing = new EventTarget();

/** Dispatched on `storing`. */
export class SettledEvent extends Event {
  constructor(
    readonly ids: readonly string[],
    readonly isFromOutbox: boolean,
  ) {
    super('settled');
  }
}
