import type { LitElement, ReactiveController } from 'lit';
import { type Connection, type ConnectionState, normalizeConnections } from '../connection.js';
import { idOf, type SettledEvent, type StorePlace } from '../endpoints/store.js';
import { toUrl } from '../endpoints/url.js';
import type { PicaErrorEvent, PicaSuccessEvent } from '../events.js';
import { inheritNothing, own } from '../own.js';
import { safeDocument } from '../safe-document.js';
import type { Announcer } from './announcer.js';
import type { ListModel } from './model.js';

/**
 * How a connection is shown: in its state, or as being saved, as not saved, or as one that the host has not found at
 * Pica yet.
 */
export type RowState = ConnectionState | 'saving' | 'notSaved' | 'checking';

/** Something that was connected or disconnected in this page. */
interface Write {
  /** What was connected; undefined for what was disconnected. */
  connection?: Connection;
  /** The state that it had before, in which readings that lag still have it. */
  stateBefore?: ConnectionState;
  /** Who saves it. */
  source?: Source;
  phase: 'saving' | 'notSaved' | 'stored';
  /** When to read again while readings contradict it. When none is left they are believed. */
  due: number[];
}

type Host = LitElement & {
  connections: Connection[];
  connectionsUrl: string | null;
  identity: string | null;
  refresh: () => Promise<void>;
};

/** What an element that saves has of that. */
type Source = EventTarget & Partial<Host & { retrySave: () => void }>;

export interface WritesOptions {
  model: ListModel;
  announcer: Announcer;
  /** It was disconnected ten seconds ago, and is still there. */
  onStillThere: (connection: Connection) => void;
  /** Saves it, where nobody else can any more. */
  save: (connection: Connection) => void;
}

/** Milliseconds after a write at which it is looked whether the endpoint knows of it by now. */
const rereadAfterMs = [1000, 3000, 10_000];

/**
 * What this page has connected and disconnected. A database's replica, or a cache, may answer without that for a few
 * seconds, so it wins over what is read until a reading agrees, or for ten seconds.
 */
export class WritesController implements ReactiveController {
  static {
    inheritNothing(this);
  }

  readonly #host: Host;
  readonly #options: WritesOptions;
  readonly #writes = new Map<string, Write>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(host: Host, options: WritesOptions) {
    this.#host = host;
    this.#options = options;
    host.addController(this);
  }

  hostConnected(): void {
    safeDocument.addEventListener('pica-success', this.#onSuccess);
    safeDocument.addEventListener('pica-error', this.#onError);
  }

  hostDisconnected(): void {
    safeDocument.removeEventListener('pica-success', this.#onSuccess);
    safeDocument.removeEventListener('pica-error', this.#onError);
    clearTimeout(this.#timer);
  }

  stateOf(connection: Connection): RowState {
    const phase = this.#writes.get(connection.key)?.phase ?? 'stored';
    if (phase !== 'stored') return phase;
    return own(connection, 'confirmed') === false ? 'checking' : connection.state;
  }

  /** Forgets the writes of an endpoint, or a user, that is not asked any more. */
  reset(): void {
    clearTimeout(this.#timer);
    this.#writes.clear();
  }

  onDisconnected = (connection: Connection): void => {
    const { key } = connection;
    this.#options.announcer.disconnected(connection);
    const write: Write = { phase: 'stored', due: [] };
    this.#writes.set(key, write);
    this.#host.connections = this.#options.model.without(key);
    this.#settle(key, write);
    this.#read();
  };

  /** The outbox, or another tab, has stored what could not be before. */
  onSettled = ({ ids, isFromOutbox }: SettledEvent): void => {
    let hasNews = isFromOutbox;
    for (const [key, write] of this.#writes) {
      const { connection, phase, source } = write;
      if (phase !== 'notSaved' || !connection) continue;
      if (!ids.includes(idOf(source as Source & StorePlace, connection))) continue;
      this.#settle(key, write);
      hasNews = true;
    }
    if (hasNews) this.#read();
  };

  /** The endpoint has answered: what this page knows better wins. */
  onRead = (rows: readonly unknown[]): void => {
    clearTimeout(this.#timer);
    this.#options.model.setConnections(rows);
    const read = new Map(this.#host.connections.map((connection) => [connection.key, connection]));
    const known: Connection[] = [];
    const stillThere: Connection[] = [];
    for (const [key, write] of this.#writes) {
      const row = read.get(key);
      const { connection, phase, due } = write;
      const isContradicted = connection
        ? !row || (row.state === write.stateBefore && row.state !== connection.state)
        : row !== undefined;
      if (phase === 'stored' && (!isContradicted || due.length === 0)) {
        this.#writes.delete(key);
        if (!connection && row) stillThere.push(row);
      } else {
        read.delete(key);
        if (connection) known.push(connection);
      }
    }
    this.#host.connections = [...known, ...read.values()];
    this.#scheduleReading();
    if (stillThere.length > 0) this.#options.announcer.clear();
    for (const connection of stillThere) this.#options.onStillThere(connection);
  };

  /** Has it saved again by whoever can: the element that did it before, or this list. */
  retry = (key: string): void => {
    const { connection, source }: Partial<Write> = this.#writes.get(key) ?? {};
    if (!connection) return;
    this.#options.announcer.clear();
    if (source?.isConnected && typeof source.retrySave === 'function') source.retrySave();
    else this.#options.save(connection);
  };

  #onSuccess = (event: PicaSuccessEvent) => {
    // It may be of another version, or a script's own.
    const { detail, settled } = event as Partial<PicaSuccessEvent>;
    const [connection] = normalizeConnections([detail?.connection]).connections;
    if (!connection) return;
    const write = this.#add(connection, event);
    void Promise.resolve(settled).then((results = []) => {
      if (write && this.#writes.get(connection.key) === write) {
        if (results.some(({ status }) => status === 'rejected')) this.#fail(write, connection);
        // A listener that threw has made it fail by now, where nobody asked to wait.
        else if (results.length > 0 || write.phase === 'saving')
          this.#settle(connection.key, write);
      }
      this.#read();
    });
  };

  /** A listener of pica-success threw, or an earlier page's connection could not be saved now. */
  #onError = (event: PicaErrorEvent) => {
    const { error } = (event as Partial<PicaErrorEvent>).detail ?? {};
    if (error?.code !== 'save-failed') return;
    const [connection] = normalizeConnections([error.connection]).connections;
    const write = connection && (this.#writes.get(connection.key) ?? this.#add(connection, event));
    if (connection && write?.connection) this.#fail(write, connection);
  };

  /** Shows it at once, unless it is somebody else's, or kept elsewhere. */
  #add(connection: Connection, event: Event): Write | undefined {
    const { key } = connection;
    const [source] = event.composedPath() as Source[];
    if (!source || !this.#isOfThisList(source)) return undefined;
    const before = this.#writes.get(key);
    const row = this.#options.model.connections?.find((one) => one.key === key);
    const shown = { ...row, ...connection };
    const write: Write = {
      connection: shown,
      stateBefore: before ? before.stateBefore : row?.state,
      source,
      phase: 'saving',
      due: [],
    };
    this.#writes.set(key, write);
    this.#host.connections = [shown, ...this.#options.model.without(key)];
    return write;
  }

  #isOfThisList({ identity, connectionsUrl }: Source): boolean {
    const { identity: ownIdentity, connectionsUrl: ownUrl } = this.#host;
    return (
      (!identity || !ownIdentity || identity === ownIdentity) &&
      (!connectionsUrl || !ownUrl || toUrl(connectionsUrl)?.href === toUrl(ownUrl)?.href)
    );
  }

  #fail(write: Write, connection: Connection): void {
    if (write.phase === 'notSaved') return;
    write.phase = 'notSaved';
    this.#onChange();
    if (write.source === this.#host) this.#options.announcer.notSaved(connection);
  }

  #settle(key: string, write: Write): void {
    write.phase = 'stored';
    write.due = rereadAfterMs.map((ms) => performance.now() + ms);
    // A page that holds the data itself knows best.
    if (!this.#host.connectionsUrl) this.#writes.delete(key);
    this.#onChange();
  }

  #onChange(): void {
    this.#options.model.review();
    this.#host.requestUpdate();
  }

  #read(): void {
    if (this.#host.isConnected && this.#host.connectionsUrl) void this.#host.refresh();
  }

  #scheduleReading(): void {
    const next = Math.min(...[...this.#writes.values()].flatMap(({ due }) => due));
    if (!Number.isFinite(next)) return;
    this.#timer = setTimeout(() => {
      const now = Math.max(next, performance.now());
      for (const write of this.#writes.values()) write.due = write.due.filter((due) => due > now);
      this.#read();
    }, next - performance.now());
  }
}
