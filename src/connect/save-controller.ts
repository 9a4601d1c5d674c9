import type { LitElement, ReactiveController } from 'lit';
import type { Connection } from '../connection.js';
import {
  addToOutbox,
  emptyOutbox,
  idOf,
  ownerChanged,
  pageSaveFailed,
  saveFailed,
  storeConnection,
  type StoreOptions,
} from '../endpoints/store.js';
import { type SettledEvent, storing } from '../endpoints/settled.js';
import { optionsOf } from './store-options.js';
import { PicaError } from '../errors.js';
import { PicaSuccessEvent } from '../events.js';
import { dictionary, inheritNothing } from '../hardening/prototype-pollution.js';

type Host = LitElement & StoreOptions;

export interface SaveListener {
  /** `isSaving` or `hasUnsaved` may have changed. */
  onChange: () => void;
  onError: (error: PicaError) => void;
}

interface Unsaved {
  connection: Connection;
  /** The options at the time of connecting: the element's user and headers may have changed before a retry. */
  options: StoreOptions;
}

/** The controllers of elements in the page. They share each listener: a browser compares each new one with all others. */
const connected = new Set<SaveController>();

const onOnline = () => {
  for (const one of connected) void one.emptyOutbox();
};

const onSettled = (event: Event) => {
  for (const one of connected) one.removeSettled(event as SettledEvent);
};

/** Saves connections: dispatches `pica-success`, and sends them to `connections-url`. */
export class SaveController implements ReactiveController {
  static {
    inheritNothing(this);
  }

  readonly #host: Host;
  readonly #listener: SaveListener;
  /** The newest save of each connection that is being saved, by id. */
  readonly #saving = new Map<string, PicaSuccessEvent>();
  readonly #unsaved = new Map<string, Unsaved>();
  /** More than 1 if the user changes while an outbox is being emptied. */
  #pendingOutboxes = 0;
  /** The options when the outbox was last emptied, or '' if there is none. */
  #outboxOptions = '';
  #note = '';

  constructor(host: Host, listener: SaveListener) {
    this.#host = host;
    this.#listener = listener;
    host.addController(this);
  }

  get isSaving(): boolean {
    return this.#pendingOutboxes > 0 || this.#saving.size > 0;
  }

  get hasUnsaved(): boolean {
    return this.#unsavedOfCurrentUser.length > 0;
  }

  /** A problem with the outbox, for `debug`. Empty if there is none. */
  get note(): string {
    return this.#note;
  }

  hostConnected(): void {
    connected.add(this);
    // Adding the same listener again has no effect.
    storing.addEventListener('settled', onSettled);
  }

  hostDisconnected(): void {
    connected.delete(this);
  }

  hostUpdated(): void {
    const host = this.#host;
    // Most elements have no outbox, and this runs after each of their updates.
    const hasOutbox = host.connectionsUrl && host.identity;
    const current = hasOutbox
      ? JSON.stringify(optionsOf(host), (_key, value: unknown) =>
          typeof value === 'function' ? 'function' : value,
        )
      : '';
    if (current === this.#outboxOptions) return;
    this.#outboxOptions = current;
    if (current) window.addEventListener('online', onOnline);
    void this.emptyOutbox();
  }

  /** Whether these options belong to the element's current user. True if the page names no user. */
  isForCurrentUser({ identity }: StoreOptions): boolean {
    return !identity || identity === this.#host.identity;
  }

  /** Adds a connection of a user who has signed out. The next user's page must not store it or hear of it. */
  addUnsaved(connection: Connection, options: StoreOptions): void {
    this.#note = '';
    addToOutbox(options, connection, (note) => (this.#note = note));
    this.#unsaved.set(idOf(options, connection), { connection, options });
    this.#listener.onError(saveFailed(connection, ownerChanged()));
  }

  /** Dispatches `pica-success`, and waits until the connection is saved. Never rejects. */
  async save(connection: Connection, store: StoreOptions = this.#host): Promise<void> {
    const host = this.#host;
    const options = optionsOf(store);
    const id = idOf(options, connection);
    this.#note = '';
    const stored = options.connectionsUrl
      ? [storeConnection(store, connection, (note) => (this.#note = note))]
      : [];
    const event = new PicaSuccessEvent({ connection }, stored);
    this.#saving.set(id, event);
    const thrown = dispatch(host, event);
    let results: PromiseSettledResult<unknown>[] = [];
    if (event.isAwaited) {
      this.#onChange();
      results = await event.settled;
    }
    const causes = results.flatMap((result) =>
      result.status === 'rejected' ? [result.reason as unknown] : [],
    );
    const hasFailed = thrown.length + causes.length > 0;
    // Ignore the outcome if a newer save of this connection has begun.
    if (this.#saving.get(id) === event) {
      this.#saving.delete(id);
      if (hasFailed) this.#unsaved.set(id, { connection, options });
      else this.#unsaved.delete(id);
      this.#onChange();
    }
    const [cause] = [...thrown, ...causes];
    if (hasFailed) this.#listener.onError(asSaveFailed(connection, cause));
  }

  /**
   * Saves the current user's unsaved connections again. If the page names no user, the user may have changed, so each is
   * sent with the headers from the time of connecting. Without a `connections-url`, each goes to the one from that time.
   */
  retry(): void {
    const { connectionsUrl } = this.#host;
    for (const { connection, options } of this.#unsavedOfCurrentUser) {
      const original = connectionsUrl ? { ...options, connectionsUrl } : options;
      const store = options.identity && connectionsUrl ? this.#host : original;
      if (this.#saving.has(idOf(store, connection))) continue;
      // The id depends on the URL, which may have changed.
      this.#unsaved.delete(idOf(options, connection));
      void this.save(connection, store);
    }
  }

  get #unsavedOfCurrentUser(): Unsaved[] {
    return [...this.#unsaved.values()].filter(({ options }) => this.isForCurrentUser(options));
  }

  /** Removes unsaved connections that another element or tab has stored, or that the user has disconnected. */
  removeSettled(event: SettledEvent): void {
    for (const id of event.ids) if (!this.#saving.has(id)) this.#unsaved.delete(id);
    this.#onChange();
  }

  /** Sends what an earlier page could not store. */
  async emptyOutbox(): Promise<void> {
    const options = optionsOf(this.#host);
    const emptying = emptyOutbox(this.#host);
    if (!emptying) return;
    this.#pendingOutboxes += 1;
    this.#onChange();
    const failures = await emptying;
    this.#pendingOutboxes -= 1;
    for (const { connection } of failures) {
      if (connection) this.#unsaved.set(idOf(options, connection), { connection, options });
    }
    this.#onChange();
    for (const failure of failures) this.#listener.onError(failure);
  }

  #onChange(): void {
    // Only while there is something to lose: a page with this listener does not get into the back/forward cache.
    if (this.#saving.size > 0) window.addEventListener('beforeunload', this.#onBeforeUnload);
    else window.removeEventListener('beforeunload', this.#onBeforeUnload);
    this.#listener.onChange();
  }

  /** Makes the browser ask whether to leave. */
  #onBeforeUnload = (event: Event) => {
    event.preventDefault();
  };
}

/** Dispatches an event. @returns what its listeners threw, which browsers report to the window synchronously. */
function dispatch(target: EventTarget, event: Event): unknown[] {
  const thrown: unknown[] = [];
  const onError = ({ error, message }: ErrorEvent) => thrown.push(error ?? message);
  const options = dictionary({ capture: true });
  window.addEventListener('error', onError, options);
  target.dispatchEvent(event);
  window.removeEventListener('error', onError, options);
  return thrown;
}

function asSaveFailed(connection: Connection, cause: unknown): PicaError {
  if (cause instanceof PicaError && cause.code === 'save-failed') return cause;
  return saveFailed(connection, { ...pageSaveFailed, cause });
}
