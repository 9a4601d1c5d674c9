import type { LitElement, ReactiveController } from 'lit';
import type { Connection } from './connection.js';
import { emptyOutbox, saveFailed, storeConnection, type StoreOptions } from './endpoints/store.js';
import { PicaError } from './errors.js';
import { PicaSuccessEvent } from './events.js';

type Host = LitElement & StoreOptions;

export interface SaveListener {
  /** Whether something is being saved, or unsaved, has changed. */
  onChange: () => void;
  /** What an earlier page could not store is stored. */
  onStored: () => void;
  onError: (error: PicaError) => void;
}

interface Unsaved {
  connection: Connection;
  /** Whose it is: the element may be somebody else's by the time of a retry. */
  identity: string | null;
}

/** Gets connections saved: by the page's listeners of `pica-success`, and by `connections-url`. */
export class SaveController implements ReactiveController {
  readonly #host: Host;
  readonly #listener: SaveListener;
  /** The keys of connections that are being saved. */
  readonly #saving = new Set<string>();
  readonly #unsaved = new Map<string, Unsaved>();
  #isEmptyingOutbox = false;
  #outbox = '';
  #note = '';

  constructor(host: Host, listener: SaveListener) {
    this.#host = host;
    this.#listener = listener;
    host.addController(this);
  }

  get isSaving(): boolean {
    return this.#isEmptyingOutbox || this.#saving.size > 0;
  }

  get hasUnsaved(): boolean {
    return this.#ofThisUser.length > 0;
  }

  /** What is wrong with the outbox, for whoever looks with `debug`. */
  get note(): string {
    return this.#note;
  }

  hostConnected(): void {
    window.addEventListener('online', this.#onOnline);
  }

  hostDisconnected(): void {
    window.removeEventListener('online', this.#onOnline);
  }

  hostUpdated(): void {
    const { connectionsUrl, identity, outbox } = this.#host;
    const current = JSON.stringify([connectionsUrl, identity, outbox]);
    if (current === this.#outbox) return;
    this.#outbox = current;
    void this.#emptyOutbox();
  }

  /** Lets the page hear of a connection, and waits until it is saved. Never rejects. */
  async save(connection: Connection): Promise<void> {
    const { key } = connection;
    if (this.#saving.has(key)) return;
    const host = this.#host;
    const { identity } = host;
    const stored = host.connectionsUrl
      ? [storeConnection(host, connection, (note) => (this.#note = note))]
      : [];
    const event = new PicaSuccessEvent({ connection }, stored);
    const thrown = dispatch(host, event);
    if (!event.isAwaited && thrown.length === 0) return;
    this.#change(() => this.#saving.add(key));
    const results = await event.settled;
    const causes = results.flatMap((result) =>
      result.status === 'rejected' ? [result.reason as unknown] : [],
    );
    const [cause] = [...thrown, ...causes];
    const hasFailed = thrown.length + causes.length > 0;
    this.#change(() => {
      this.#saving.delete(key);
      if (hasFailed) this.#unsaved.set(key, { connection, identity });
      else this.#unsaved.delete(key);
    });
    if (hasFailed) this.#listener.onError(asSaveFailed(connection, cause));
  }

  /** Saves again what this user has unsaved. */
  retry(): void {
    for (const { connection } of this.#ofThisUser) void this.save(connection);
  }

  get #ofThisUser(): Unsaved[] {
    return [...this.#unsaved.values()].filter(({ identity }) => identity === this.#host.identity);
  }

  #onOnline = () => {
    void this.#emptyOutbox();
  };

  async #emptyOutbox(): Promise<void> {
    const emptying = emptyOutbox(this.#host);
    if (!emptying) return;
    const { stored, isOwn } = emptying;
    const { identity } = this.#host;
    this.#change(() => (this.#isEmptyingOutbox = isOwn));
    try {
      const connections = await stored;
      this.#change(() => {
        for (const { key } of connections) this.#unsaved.delete(key);
      });
      if (connections.length > 0) this.#listener.onStored();
    } catch (error) {
      const { connection } = error as PicaError;
      if (!isOwn || !connection) return;
      this.#change(() => this.#unsaved.set(connection.key, { connection, identity }));
      this.#listener.onError(error as PicaError);
    } finally {
      if (isOwn) this.#change(() => (this.#isEmptyingOutbox = false));
    }
  }

  #change(change: () => unknown): void {
    change();
    // Not before there is something to lose: such a listener keeps a page from being kept for going back.
    if (this.#saving.size > 0) window.addEventListener('beforeunload', this.#onBeforeUnload);
    else window.removeEventListener('beforeunload', this.#onBeforeUnload);
    this.#listener.onChange();
  }

  /** Lets the browser ask whether the user really wants to leave. */
  #onBeforeUnload = (event: Event) => {
    event.preventDefault();
  };
}

/** Dispatches an event. @returns what its listeners threw: browsers tell that to the window, and at once. */
function dispatch(target: EventTarget, event: Event): unknown[] {
  const thrown: unknown[] = [];
  const onError = ({ error, message }: ErrorEvent) => thrown.push(error ?? message);
  window.addEventListener('error', onError, { capture: true });
  target.dispatchEvent(event);
  window.removeEventListener('error', onError, { capture: true });
  return thrown;
}

function asSaveFailed(connection: Connection, cause: unknown): PicaError {
  if (cause instanceof PicaError && cause.code === 'save-failed') return cause;
  return saveFailed(connection, {
    what: "the page's own save failed.",
    hint: 'The cause is what a listener of pica-success threw, or what the promise that it gave to waitUntil() was rejected with.',
    cause,
  });
}
