import type { LitElement, PropertyValues, ReactiveController } from 'lit';
import { type RequestHeadersOptions, resolveRequestHeaders } from '../endpoints/headers.js';
import { fetchRows } from '../endpoints/rows.js';
import type { PicaError } from '../errors.js';
import { inheritNothing } from '../hardening/own.js';
import { safeDocument } from '../hardening/safe-document.js';

export interface LoaderOptions extends RequestHeadersOptions {
  connectionsUrl: string | null;
  integrationsUrl: string | null;
}

export interface LoaderListener {
  onConnections: (rows: readonly unknown[]) => void;
  onIntegrations: (rows: readonly unknown[]) => void;
  /** The connections have been loaded. */
  onLoad: () => void;
  onError: (error: PicaError) => void;
}

type Source = 'connections-url' | 'integrations-url';

/** A change of one of these means other data; a function for headers is not compared. */
const sources = [
  'identity',
  'connectionsUrl',
  'integrationsUrl',
  'requestHeaders',
  'tokenHeaders',
  'tokenUrl',
] as const;

/** How long a page may have been out of sight without being asked for anew when it is seen again. */
const freshFor = 60_000;

/**
 * Reads the host's endpoints for the list. A newer load replaces an older one. The integrations may arrive later; only
 * a list without connections-url waits for them.
 */
export class ConnectionsLoader implements ReactiveController {
  static {
    inheritNothing(this);
  }

  readonly #host: LitElement & LoaderOptions;
  readonly #listener: LoaderListener;
  readonly #errors = new Map<Source, PicaError>();
  #abort: AbortController | undefined;
  #isBusy = false;
  #current: Promise<boolean> = Promise.resolve(false);
  #loadedAt: number | undefined;
  #askedAt: number | undefined;

  constructor(host: LitElement & LoaderOptions, listener: LoaderListener) {
    this.#host = host;
    this.#listener = listener;
    host.addController(this);
  }

  get isBusy(): boolean {
    return this.#isBusy;
  }

  /** When the connections that are there were read, if they were. */
  get loadedAt(): number | undefined {
    return this.#loadedAt;
  }

  /** Whether it is known what is connected: the endpoint has said so, or the page holds it itself. */
  get isKnown(): boolean {
    return !this.#host.connectionsUrl || this.#loadedAt !== undefined;
  }

  /** Whether the last read of that address failed. */
  hasFailed(source: Source): boolean {
    return this.#errors.has(source);
  }

  /**
   * Whether there is other data to read after these changes, or any: what the page sets for all its lists is no change.
   */
  isOutdatedBy(changed: Pick<PropertyValues, 'has'>): boolean {
    return this.#askedAt === undefined || sources.some((name) => changed.has(name));
  }

  /** What was read, or failed, is of another endpoint or another user. @returns whether there are rows. */
  forget(): boolean {
    const hadRows = this.#loadedAt !== undefined;
    this.#loadedAt = undefined;
    this.#errors.clear();
    return hadRows;
  }

  hostConnected(): void {
    safeDocument.addEventListener('visibilitychange', this.#onVisibilityChange);
    // What was under way when the element was taken out has been aborted.
    if (this.#host.hasUpdated) void this.load();
  }

  hostDisconnected(): void {
    safeDocument.removeEventListener('visibilitychange', this.#onVisibilityChange);
    this.#abort?.abort();
    this.#setBusy(false);
  }

  /** @returns when the newest load has come to its end, whichever way. Never rejects. */
  async load(): Promise<void> {
    this.#abort?.abort();
    const { connectionsUrl, integrationsUrl } = this.#host;
    if (!connectionsUrl) this.#errors.delete('connections-url');
    if (!integrationsUrl) this.#errors.delete('integrations-url');
    if (!connectionsUrl && !integrationsUrl) {
      this.#setBusy(false);
      return;
    }
    const { signal } = (this.#abort = new AbortController());
    this.#setBusy(true);
    this.#askedAt = Date.now();
    const connections = this.#loadOne('connections-url', connectionsUrl, signal, (rows) => {
      this.#loadedAt = Date.now();
      this.#listener.onConnections(rows);
    });
    const { onIntegrations } = this.#listener;
    const integrations = this.#loadOne('integrations-url', integrationsUrl, signal, onIntegrations);
    // Whether they failed is shown when they end, and the connections' failure once nothing is loading.
    void integrations.then(() => this.#host.requestUpdate());
    const load = connectionsUrl ? connections : integrations;
    this.#current = load;
    const hasRows = await load;
    if (!signal.aborted) {
      this.#setBusy(false);
      if (connectionsUrl && hasRows) this.#listener.onLoad();
    }
    let ended = load;
    while (this.#current !== ended) await (ended = this.#current);
  }

  /** @returns whether the rows are there. */
  async #loadOne(
    source: Source,
    url: string | null,
    signal: AbortSignal,
    onRows: (rows: readonly unknown[]) => void,
  ): Promise<boolean> {
    if (!url) return false;
    try {
      const headers = await resolveRequestHeaders(this.#host, url);
      const rows = await fetchRows(source, url, headers, signal);
      if (signal.aborted) return false;
      this.#errors.delete(source);
      onRows(rows);
      return true;
    } catch (error) {
      if (signal.aborted) return false;
      this.#errors.set(source, error as PicaError);
      this.#listener.onError(error as PicaError);
      return false;
    }
  }

  #onVisibilityChange = () => {
    const isStale = this.#askedAt !== undefined && Date.now() - this.#askedAt > freshFor;
    if (safeDocument.visibilityState === 'visible' && isStale) void this.load();
  };

  #setBusy(isBusy: boolean): void {
    if (isBusy !== this.#isBusy) this.#host.requestUpdate();
    this.#isBusy = isBusy;
  }
}
