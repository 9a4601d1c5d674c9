import type { LitElement, ReactiveController } from 'lit';
import { type Connection, normalizeConnections } from '../connection.js';
import type { PicaSuccessEvent } from '../events.js';
import { inheritNothing } from '../own.js';
import type { ListModel } from './model.js';
import { safeDocument } from '../safe-document.js';

type Host = LitElement & {
  connections: Connection[];
  connectionsUrl: string | null;
  refresh: () => Promise<void>;
};

/** Connections made by any element in the document: they are shown at once, and then looked up. */
export class MadeController implements ReactiveController {
  static {
    inheritNothing(this);
  }

  readonly #host: Host;
  readonly #model: ListModel;

  constructor(host: Host, model: ListModel) {
    this.#host = host;
    this.#model = model;
    host.addController(this);
  }

  hostConnected(): void {
    safeDocument.addEventListener('pica-success', this.#onSuccess);
  }

  hostDisconnected(): void {
    safeDocument.removeEventListener('pica-success', this.#onSuccess);
  }

  #onSuccess = (event: PicaSuccessEvent) => {
    // It may be of another version, or a script's own.
    const { detail, settled } = event as Partial<PicaSuccessEvent>;
    const [connection] = normalizeConnections([detail?.connection]).connections;
    if (!connection) return;
    this.#host.connections = this.#model.add(connection);
    void Promise.resolve(settled).then(() => {
      this.#model.settle(connection.key);
      if (this.#host.isConnected && this.#host.connectionsUrl) void this.#host.refresh();
    });
  };
}
