import type { LitElement, ReactiveController } from 'lit';
import type { Connection } from '../connection.js';
import {
  addToOutbox,
  emptyOutbox,
  idOf,
  ownerChanged,
  pageSaveFailed,
  saveFailed,
  type SettledEvent,
  storeConnection,
  type StoreOptions,
  storing,
} from '../endpoints/store.js';
import { PicaError } from '../errors.js';
import { PicaSuccessEvent } from '../events.js';
import { dictionary, inheritNothing } from '../hardening/own.js';

type Host = LitElement & StoreOptions;

export interface SaveListener {
  /** Whether something is being saved, or unsaved, has changed. */
  onChange: () => void;
  /** A connection needs no more storing. See `SettledEvent`. */
  onSettled: (event: SettledEvent) => void;
  onError: (error: PicaError) => void;
}

interface Unsaved {
  connection: Connection;
  /**
   * Whose it is, and with which headers it was to be stored: the element may be somebody else's by the time of a retry.
   */
  options: StoreOptions;
}

/** As they are now. */
export const optionsOf = (host: StoreOptions): StoreOptions => {
  const { connectionsUrl, identity, outbox, tokenUrl, tokenHeaders, requestHeaders } = host;
  return { connectionsUrl, identity, outbox, tokenUrl, tokenHeaders, requestHeaders };
};

/** Those in the page. A listener for each would be compared with those of all others when it is added. */
const present = new Set<SaveController>();

const onOnline = () => {
  for (const one of present) void one.emptyOutbox();
};

const onSettled = (event: Event) => {
  for (const one of present) one.forgetSettled(event as SettledEvent);
};

/** Gets connections saved: by the page's listeners of `pica-success`, and by `connections-url`. */
export class SaveController implements ReactiveController {
  static {
    inheritNothing(this);
  }

  readonly #host: Host;
  readonly #listener: SaveListener;
  /** The newest save of each connection that is being saved, by id. */
  readonly #saving = new Map<string, PicaSuccessEvent>();
  readonly #unsaved = new Map<string, Unsaved>();
  /** How many outboxes it is emptying: a second one, when the user changes meanwhile. */
  #emptying = 0;
  #outbox = '';
  #note = '';

  constructor(host: Host, listener: SaveListener) {
    this.#host = host;
    this.#listener = listener;
    host.addController(this);
  }

  get isSaving(): boolean {
    return this.#emptying > 0 || this.#saving.size > 0;
  }

  get hasUnsaved(): boolean {
    return this.#ofThisUser.length > 0;
  }

  /** What is wrong with the outbox, for whoever looks with `debug`. */
  get note(): string {
    return this.#note;
  }

  hostConnected(): void {
    present.add(this);
    // Adding the same listener again has no effect.
    storing.addEventListener('settled', onSettled);
  }

  hostDisconnected(): void {
    present.delete(this);
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
    if (current === this.#outbox) return;
    this.#outbox = current;
    if (current) window.addEventListener('online', onOnline);
    void this.emptyOutbox();
  }

  /** Whether these are the options of the user who is signed in now: of anybody, where nobody says who that is. */
  isOfThisUser({ identity }: StoreOptions): boolean {
    return !identity || identity === this.#host.identity;
  }

  /** Keeps what somebody has connected who is not signed in any more. Nobody else's page may store it, nor hear of it. */
  keep(connection: Connection, options: StoreOptions): void {
    this.#note = '';
    addToOutbox(options, connection, (note) => (this.#note = note));
    this.#unsaved.set(idOf(options, connection), { connection, options });
    this.#listener.onError(saveFailed(connection, ownerChanged));
  }

  /** Lets the page hear of a connection, and waits until it is saved. Never rejects. */
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
    // Another opening may have made it again: what comes of that one counts.
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
   * Saves again what this user has unsaved. Where nobody says who that is, it may be another one by now: then it goes
   * with the headers of the one who made it. Where this element has no address it goes where it was to be stored.
   */
  retry(): void {
    const { connectionsUrl } = this.#host;
    for (const { connection, options } of this.#ofThisUser) {
      const place = connectionsUrl ? { ...options, connectionsUrl } : options;
      const store = options.identity && connectionsUrl ? this.#host : place;
      if (this.#saving.has(idOf(store, connection))) continue;
      // Its address, and so its id, may have changed.
      this.#unsaved.delete(idOf(options, connection));
      void this.save(connection, store);
    }
  }

  get #ofThisUser(): Unsaved[] {
    return [...this.#unsaved.values()].filter(({ options }) => this.isOfThisUser(options));
  }

  /** Forgets unsaved connections that another element or tab has stored, or that the user has disconnected. */
  forgetSettled(event: SettledEvent): void {
    for (const id of event.ids) if (!this.#saving.has(id)) this.#unsaved.delete(id);
    this.#onChange();
    this.#listener.onSettled(event);
  }

  /** Stores what an earlier page could not store. */
  async emptyOutbox(): Promise<void> {
    const options = optionsOf(this.#host);
    const emptying = emptyOutbox(this.#host);
    if (!emptying) return;
    this.#emptying += 1;
    this.#onChange();
    const failures = await emptying;
    this.#emptying -= 1;
    for (const { connection } of failures) {
      if (connection) this.#unsaved.set(idOf(options, connection), { connection, options });
    }
    this.#onChange();
    for (const failure of failures) this.#listener.onError(failure);
  }

  /** What is being saved, or unsaved, has changed. */
  #onChange(): void {
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
