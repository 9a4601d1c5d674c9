import type { LitElement, PropertyValues, ReactiveController } from 'lit';
import { type RequestHeadersOptions, resolveRequestHeaders } from '../endpoints/headers.js';
import { fetchRows } from '../endpoints/rows.js';
import type { PicaError } from '../errors.js';
import { inheritNothing } from '../hardening/prototype-pollution.js';
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

/** A change of one of these options means other data. Functions for headers are not compared. */
const relevantOptions = [
  'identity',
  'connectionsUrl',
  'integrationsUrl',
  'requestHeaders',
  'tokenHeaders',
  'tokenUrl',
] as const;

/** When the page becomes visible again, data older than this is reloaded. */
const maxAgeMs = 60_000;

/**
 * Loads `connections-url` and `integrations-url` for the list. A new load aborts the one before. Nothing waits for the
 * integrations, except in a list without `connections-url`.
 */
export class ConnectionsLoader implements ReactiveController {
  static {
    inheritNothing(this);
  }

  readonly #host: LitElement & LoaderOptions;
  readonly #listener: LoaderListener;
  readonly #failed = new Set<Source>();
  #abort: AbortController | undefined;
  #isBusy = false;
  #current: Promise<boolean> = Promise.resolve(false);
  #loadedAt: number | undefined;
  #requestedAt: number | undefined;

  constructor(host: LitElement & LoaderOptions, listener: LoaderListener) {
    this.#host = host;
    this.#listener = listener;
    host.addController(this);
  }

  get isBusy(): boolean {
    return this.#isBusy;
  }

  /** When the connections were last loaded. Undefined if they never were. */
  get loadedAt(): number | undefined {
    return this.#loadedAt;
  }

  /** Whether the connections are known: they have loaded, or the page sets them. */
  get isKnown(): boolean {
    return !this.#host.connectionsUrl || this.#loadedAt !== undefined;
  }

  /** Whether the last load from this source failed. */
  hasFailed(source: Source): boolean {
    return this.#failed.has(source);
  }

  /** Whether to load after these changes. The first update always loads: page defaults don't count as changes. */
  isOutdatedBy(changed: Pick<PropertyValues, 'has'>): boolean {
    return this.#requestedAt === undefined || relevantOptions.some((name) => changed.has(name));
  }

  /** Forgets earlier loads, which belong to another endpoint or user. @returns whether connections had loaded. */
  reset(): boolean {
    const hadRows = this.#loadedAt !== undefined;
    if (hadRows || this.#failed.size > 0) this.#host.requestUpdate();
    this.#loadedAt = undefined;
    this.#failed.clear();
    return hadRows;
  }

  hostConnected(): void {
    safeDocument.addEventListener('visibilitychange', this.#onVisibilityChange);
    // Removing the element has aborted its load.
    if (this.#host.hasUpdated) void this.load();
  }

  hostDisconnected(): void {
    safeDocument.removeEventListener('visibilitychange', this.#onVisibilityChange);
    this.#abort?.abort();
    this.#setBusy(false);
  }

  /** @returns once the newest load has succeeded or failed. Never rejects. */
  async load(): Promise<void> {
    this.#abort?.abort();
    const { connectionsUrl, integrationsUrl } = this.#host;
    // A message about a failure changes while it is tried again. Nothing else that is rendered does.
    if (this.#failed.size > 0) this.#host.requestUpdate();
    if (!connectionsUrl) this.#failed.delete('connections-url');
    if (!integrationsUrl) this.#failed.delete('integrations-url');
    if (!connectionsUrl && !integrationsUrl) {
      this.#setBusy(false);
      return;
    }
    const { signal } = (this.#abort = new AbortController());
    this.#setBusy(true);
    this.#requestedAt = Date.now();
    const connections = this.#loadOne('connections-url', connectionsUrl, signal, (rows) => {
      this.#loadedAt = Date.now();
      this.#listener.onConnections(rows);
    });
    const { onIntegrations } = this.#listener;
    const integrations = this.#loadOne('integrations-url', integrationsUrl, signal, onIntegrations);
    // Integrations that have loaded request the update themselves.
    void integrations.then(() => {
      if (this.hasFailed('integrations-url')) this.#host.requestUpdate();
    });
    const load = connectionsUrl ? connections : integrations;
    this.#current = load;
    const hasRows = await load;
    if (!signal.aborted) {
      this.#setBusy(false);
      if (connectionsUrl) this.#host.requestUpdate();
      if (connectionsUrl && hasRows) this.#listener.onLoad();
    }
    let ended = load;
    while (this.#current !== ended) await (ended = this.#current);
  }

  /** @returns whether the rows have loaded. */
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
      this.#failed.delete(source);
      onRows(rows);
      return true;
    } catch (error) {
      if (signal.aborted) return false;
      this.#failed.add(source);
      this.#listener.onError(error as PicaError);
      return false;
    }
  }

  #onVisibilityChange = () => {
    const isStale = this.#requestedAt !== undefined && Date.now() - this.#requestedAt > maxAgeMs;
    if (safeDocument.visibilityState === 'visible' && isStale) void this.load();
  };

  #setBusy(isBusy: boolean): void {
    this.#isBusy = isBusy;
    this.#host.toggleAttribute('busy', isBusy);
  }
}
