import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { ConnectOptions } from '../connect-options.js';
import { resolveHeaders } from '../endpoints/headers.js';
import { fetchRows } from '../endpoints/rows.js';
import type { PicaError } from '../errors.js';

export interface LoaderOptions extends ConnectOptions {
  connectionsUrl: string | null;
  integrationsUrl: string | null;
}

export interface LoaderListener {
  onConnections: (rows: readonly unknown[]) => void;
  onIntegrations: (rows: readonly unknown[]) => void;
  /** The connections are there, and nothing is under way any more. */
  onLoad: () => void;
  onError: (error: PicaError) => void;
}

/** Reads the host's endpoints for the list; a newer load overtakes an older one. */
export class ConnectionsLoader implements ReactiveController {
  readonly #host: ReactiveControllerHost & LoaderOptions;
  readonly #listener: LoaderListener;
  #abort: AbortController | undefined;
  #current: Promise<unknown> = Promise.resolve();
  #error: PicaError | undefined;

  constructor(host: ReactiveControllerHost & LoaderOptions, listener: LoaderListener) {
    this.#host = host;
    this.#listener = listener;
    host.addController(this);
  }

  get isBusy(): boolean {
    return this.#abort !== undefined;
  }

  /** Why the connections could not be loaded the last time, if they could not. */
  get error(): PicaError | undefined {
    return this.#error;
  }

  hostDisconnected(): void {
    this.#abort?.abort();
    this.#setAbort(undefined);
  }

  /** @returns when the newest load has come to its end, whichever way. Never rejects. */
  async load(): Promise<void> {
    this.#abort?.abort();
    const abort = new AbortController();
    this.#setAbort(abort);
    const load = this.#loadBoth(abort.signal);
    this.#current = load;
    const hasConnections = await load;
    if (this.#abort === abort) {
      this.#setAbort(undefined);
      if (hasConnections) this.#listener.onLoad();
    }
    if (this.#current !== load) await this.#current;
  }

  async #loadBoth(signal: AbortSignal): Promise<boolean> {
    const { connectionsUrl, integrationsUrl } = this.#host;
    const [rows] = await Promise.all([
      this.#loadOne('connections-url', connectionsUrl, signal, (connections) => {
        this.#error = undefined;
        this.#listener.onConnections(connections);
      }),
      this.#loadOne('integrations-url', integrationsUrl, signal, this.#listener.onIntegrations),
    ]);
    return rows;
  }

  /** @returns whether the rows are there. */
  async #loadOne(
    attribute: string,
    url: string | null,
    signal: AbortSignal,
    onRows: (rows: readonly unknown[]) => void,
  ): Promise<boolean> {
    if (!url) return false;
    try {
      const rows = await fetchRows(attribute, url, await this.#headersFor(url), signal);
      if (signal.aborted) return false;
      onRows(rows);
      return true;
    } catch (error) {
      if (signal.aborted) return false;
      if (attribute === 'connections-url') this.#error = error as PicaError;
      this.#listener.onError(error as PicaError);
      return false;
    }
  }

  /** The token endpoint's headers are often credentials, so they go to its own origin alone. */
  #headersFor(url: string): ReturnType<typeof resolveHeaders> {
    const { requestHeaders, tokenHeaders, tokenUrl } = this.#host;
    if (requestHeaders !== null) return resolveHeaders(requestHeaders, 'request-headers');
    const isTokenOrigin = tokenUrl !== null && originOf(url) === originOf(tokenUrl);
    return isTokenOrigin ? resolveHeaders(tokenHeaders, 'token-headers') : {};
  }

  #setAbort(abort: AbortController | undefined): void {
    this.#abort = abort;
    this.#host.requestUpdate();
  }
}

function originOf(url: string): string | undefined {
  return URL.canParse(url, document.baseURI) ? new URL(url, document.baseURI).origin : undefined;
}
