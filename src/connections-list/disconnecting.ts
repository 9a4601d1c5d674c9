import type { LitElement, ReactiveController } from 'lit';
import type { Connection } from '../connection.js';
import {
  deleteConnection,
  type Deletion,
  disconnectFailed,
  refusedByPage,
  stillListed,
} from '../endpoints/connections.js';
import { resolveRequestHeaders } from '../endpoints/headers.js';
import { stopStoring, type StoreOptions } from '../endpoints/store.js';
import { PicaError } from '../errors.js';
import { PicaDisconnectEvent } from '../events.js';
import { inheritNothing } from '../hardening/prototype-pollution.js';

/** The progress of a disconnect: the row asks for confirmation, the connection is being deleted, or that failed. */
export type RowPhase = 'asking' | 'deleting' | 'failed';

type Host = LitElement & StoreOptions;

export interface DisconnectListener {
  /** Called before the row asks for confirmation. */
  onAsk: () => void;
  onDisconnected: (connection: Connection, deletion: Deletion) => void;
  onFailed: (connection: Connection, error: PicaError) => void;
}

/** Disconnects connections: asks for confirmation in the row, and never deletes a connection twice. */
export class DisconnectController implements ReactiveController {
  static {
    inheritNothing(this);
  }

  readonly #host: Host;
  readonly #listener: DisconnectListener;
  readonly #phases = new Map<string, RowPhase>();

  constructor(host: Host, listener: DisconnectListener) {
    this.#host = host;
    this.#listener = listener;
    host.addController(this);
  }

  hostDisconnected(): void {
    this.cancel();
  }

  phaseOf(key: string): RowPhase | undefined {
    return this.#phases.get(key);
  }

  /** Asks for confirmation. Only one row asks at a time. */
  ask({ key }: Connection): void {
    if (this.#phases.get(key) === 'deleting') return;
    this.cancel();
    this.#listener.onAsk();
    this.#set(key, 'asking');
  }

  /** Stops asking for confirmation, in the row with this key or in any row. */
  cancel(only?: string): void {
    for (const [key, phase] of this.#phases) {
      if (phase === 'asking' && (only ?? key) === key) this.#set(key, undefined);
    }
  }

  /** Disconnects, after the user has confirmed. */
  async confirm(connection: Connection): Promise<void> {
    const { key } = connection;
    if (this.#phases.get(key) !== 'asking') return;
    const event = new PicaDisconnectEvent({ connection });
    const isDefault = this.#host.dispatchEvent(event);
    const { connectionsUrl, identity, outbox } = this.#host;
    const deletes = isDefault && connectionsUrl;
    // There is nothing to wait for: the page updates `connections` itself.
    if (!deletes && !event.isAwaited) {
      this.#set(key, undefined);
      return;
    }
    this.#set(key, 'deleting');
    try {
      const [deletion = 'deleted'] = await Promise.all([
        deletes ? this.#delete(connectionsUrl, connection) : undefined,
        event.settled.then((results) => {
          const failure = results.find((result) => result.status === 'rejected');
          if (failure) {
            const cause: unknown = failure.reason;
            throw disconnectFailed(connection, { ...refusedByPage, cause });
          }
        }),
      ]);
      stopStoring({ connectionsUrl, identity, outbox }, connection);
      this.#set(key, undefined);
      this.#listener.onDisconnected(connection, deletion);
    } catch (error) {
      this.fail(
        connection,
        error instanceof PicaError && error.code === 'disconnect-failed'
          ? error
          : requestInvalid(connection, error as PicaError),
      );
    }
  }

  /** Shows that the connection is still there, even after a success was reported. */
  fail(connection: Connection, error: PicaError): void {
    this.#set(connection.key, 'failed');
    this.#listener.onFailed(connection, error);
  }

  /**
   * Shows that the endpoint still lists a deleted connection. Doesn't call `onFailed`, which would move the focus: the
   * user has gone on by now.
   */
  failLate(connection: Connection): PicaError {
    this.#set(connection.key, 'failed');
    return disconnectFailed(connection, stillListed);
  }

  async #delete(connectionsUrl: string, connection: Connection): Promise<Deletion> {
    const headers = await resolveRequestHeaders(this.#host, connectionsUrl);
    return deleteConnection(connectionsUrl, connection, headers);
  }

  #set(key: string, phase: RowPhase | undefined): void {
    if (phase) this.#phases.set(key, phase);
    else this.#phases.delete(key);
    this.#host.requestUpdate();
  }
}

/** Creates the error for an invalid URL or invalid headers. */
function requestInvalid(connection: Connection, cause: PicaError): PicaError {
  return disconnectFailed(connection, { what: cause.message, hint: cause.hint, cause });
}
