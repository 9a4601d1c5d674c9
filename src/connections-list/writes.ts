import type { LitElement, ReactiveController } from 'lit';
import type { Connection, ConnectionState } from '../connection.js';
import { normalizeConnections } from '../normalize-connections.js';
import type { SettledEvent } from '../endpoints/settled.js';
import { idOf, isOfOtherOwner, type StoreOptions } from '../endpoints/store.js';
import { toUrl } from '../endpoints/url.js';
import type { PicaError } from '../errors.js';
import type { PicaSuccessEvent } from '../events.js';
import { inheritNothing } from '../hardening/prototype-pollution.js';
import type { Announcer } from './announcer.js';
import type { ListModel } from './model.js';

/** Something that was connected or disconnected in this page. */
interface Write {
  /** Undefined after a disconnect. */
  connection?: Connection;
  /** The connection's state before the write. An answer that still has this state is out of date. */
  stateBefore?: ConnectionState;
  /** The element that saves the connection. */
  source?: Source;
  phase: 'saving' | 'notSaved' | 'stored';
  /** When to read again while answers contradict the write. Once none is left, the answers are believed. */
  due: number[];
}

type Host = LitElement & {
  connections: Connection[];
  connectionsUrl: string | null;
  identity: string | null;
  refresh: () => Promise<void>;
};

/** An element that saves. It may come from another version of the package and lack members. */
type Source = EventTarget & Partial<Host & { retrySave: () => void }>;

export interface WritesOptions {
  model: ListModel;
  announcer: Announcer;
  /** The endpoint still lists the connection ten seconds after it was disconnected. */
  onStillListed: (connection: Connection) => void;
  /** Saves a connection whose own element can't. @param options where and for whom, if not for this list. */
  save: (connection: Connection, options?: StoreOptions) => void;
}

/** Delays after a write until the list loads again, as long as answers are out of date. */
const rereadDelaysMs = [1000, 3000, 10_000];

/**
 * Tracks what this page has connected and disconnected. The endpoint's replica or cache may be a few seconds behind, so
 * these writes override its answers until an answer agrees, for at most ten seconds.
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

  hostDisconnected(): void {
    clearTimeout(this.#timer);
  }

  /** The state of a row that is not stored yet. */
  phaseOf(key: string): 'saving' | 'notSaved' | undefined {
    const phase = this.#writes.get(key)?.phase;
    return phase === 'stored' ? undefined : phase;
  }

  /** New connections, which are shown even if the endpoint doesn't list them. */
  get rows(): Connection[] {
    return [...this.#writes.values()].flatMap(({ connection }) => connection ?? []);
  }

  /** Forgets all writes: they belong to another endpoint or user. */
  reset(): void {
    clearTimeout(this.#timer);
    this.#host.connections = this.#host.connections.filter(({ key }) => !this.#writes.has(key));
    this.#writes.clear();
  }

  onDisconnected = (connection: Connection): void => {
    const { key } = connection;
    this.#options.announcer.disconnected(connection);
    const write: Write = { phase: 'stored', due: [] };
    this.#writes.set(key, write);
    this.#host.connections = this.#without(key);
    this.#settle(key, write);
    this.#read();
  };

  /** The outbox, or another tab, has stored a connection that was unsaved. */
  onSettled({ ids, isFromOutbox }: SettledEvent): void {
    let hasChanged = isFromOutbox;
    for (const [key, write] of this.#writes) {
      const { connection, phase, source } = write;
      if (phase !== 'notSaved' || !connection) continue;
      if (!ids.includes(idOf(source as Source & StoreOptions, connection))) continue;
      this.#settle(key, write);
      hasChanged = true;
    }
    if (hasChanged) this.#read();
  }

  /** Merges the writes into the endpoint's answer. */
  onRead = (rows: readonly unknown[]): void => {
    clearTimeout(this.#timer);
    this.#options.model.setConnections(rows);
    const read = new Map(this.#host.connections.map((connection) => [connection.key, connection]));
    const known: Connection[] = [];
    const stillListed: Connection[] = [];
    for (const [key, write] of this.#writes) {
      const row = read.get(key);
      const { connection, phase, due } = write;
      const isContradicted = connection
        ? !row || (row.state === write.stateBefore && row.state !== connection.state)
        : row !== undefined;
      if (phase === 'stored' && (!isContradicted || due.length === 0)) {
        this.#writes.delete(key);
        if (!connection && row) stillListed.push(row);
      } else {
        read.delete(key);
        if (connection) known.push(connection);
      }
    }
    this.#host.connections = [...known, ...read.values()];
    this.#scheduleReading();
    if (stillListed.length > 0) this.#options.announcer.clear();
    for (const connection of stillListed) this.#options.onStillListed(connection);
  };

  /** Retries in the element that opened AuthKit, or here if that element has left the page. */
  retry = (key: string): void => {
    const write = this.#writes.get(key);
    if (!write?.connection) return;
    const { connection, source } = write;
    this.#options.announcer.clear();
    if (source?.isConnected && typeof source.retrySave === 'function') source.retrySave();
    // The element may be gone, or belong to another user by now. Without a URL of its own, the list uses the element's.
    const options = this.#host.connectionsUrl ? undefined : (source as Source & StoreOptions);
    if (this.#writes.get(key) === write) this.#options.save(connection, options);
  };

  /** @param source the element that has dispatched the event. */
  onSuccess(event: Event, source: EventTarget): void {
    // The event may come from another version, or from a script.
    const { detail, settled } = event as Partial<PicaSuccessEvent>;
    const [connection] = normalizeConnections([detail?.connection]).connections;
    if (!connection) return;
    const write = this.#add(connection, source);
    void Promise.resolve(settled).then((results = []) => {
      if (write && this.#writes.get(connection.key) === write) {
        if (results.some(({ status }) => status === 'rejected')) this.#fail(write, connection);
        // Without results, no listener called waitUntil(). If a listener threw, #onError has set `notSaved` by now.
        else if (results.length > 0 || write.phase === 'saving')
          this.#settle(connection.key, write);
      }
      this.#read();
    });
  }

  /** A listener of pica-success threw, or an earlier page's connection could not be saved now. */
  onError(error: PicaError, source: EventTarget): void {
    if (isOfOtherOwner(error)) return;
    const [connection] = normalizeConnections([error.connection]).connections;
    if (!connection) return;
    // For a removed element, the event is dispatched on the document. Its user is unknown, so no row is added.
    const add = () => source !== document && this.#add(connection, source);
    const write = this.#writes.get(connection.key) ?? add();
    if (write && write.connection) this.#fail(write, connection);
  }

  /** Shows the connection right away, unless it belongs to another user or endpoint. */
  #add(connection: Connection, source: Source): Write | undefined {
    const { key } = connection;
    if (!this.#isOfThisList(source)) return undefined;
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
    this.#host.connections = [shown, ...this.#without(key)];
    return write;
  }

  /** All connections but the one with this key. */
  #without(key: string): Connection[] {
    return this.#host.connections.filter((connection) => connection.key !== key);
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
    write.due = rereadDelaysMs.map((ms) => performance.now() + ms);
    // A page that sets `connections` itself is always up to date.
    if (!this.#host.connectionsUrl) this.#writes.delete(key);
    this.#onChange();
  }

  #onChange(): void {
    this.#options.model.invalidate();
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
