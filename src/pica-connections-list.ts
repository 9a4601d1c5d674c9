import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { property, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { withConnectOptions } from './connect-options.js';
import { type Connection, normalizeConnections } from './connection.js';
import { ConnectionsLoader } from './connections-list/loader.js';
import { byAttention } from './connections-list/order.js';
import { renderRow } from './connections-list/row.js';
import type { PicaError } from './errors.js';
import { PicaErrorEvent, PicaLoadEvent, type PicaSuccessEvent } from './events.js';
import { type Integration, normalizeIntegrations } from './integration.js';
import { en } from './locales/en.js';
import { styles } from './pica-connections-list.styles.js';
import { theme } from './theme.styles.js';

/**
 * The accounts that a user has connected.
 *
 * @tagname pica-connections-list
 *
 * @slot heading - The heading. Without it: "Connections".
 * @slot empty - What is shown when nothing is connected.
 *
 * @csspart list - The list of connections.
 * @csspart item - One connection.
 * @csspart logo - Its logo, or the first letter of its name.
 * @csspart name - What it is called.
 * @csspart account - Which account it is.
 * @csspart environment - The badge of a connection made with a test key.
 * @csspart state - Its state, with an icon.
 * @csspart message - What is said in place of rows, or above them.
 *
 * @cssprop --pica-surface - The color behind the rows.
 * @cssprop --pica-text - The color of text.
 * @cssprop --pica-muted - The color of what matters less.
 * @cssprop --pica-border - The color of lines.
 * @cssprop --pica-accent - The color of focus rings.
 * @cssprop --pica-success - The color of `operational`.
 * @cssprop --pica-warning - The color of `degraded` and of the test badge.
 * @cssprop --pica-danger - The color of `failed`, and of what went wrong.
 * @cssprop --pica-radius - The corners. Default: `0.5em`.
 * @cssprop --pica-spacing - What all distances are multiples of. Default: `0.5em`.
 *
 * @event {PicaLoadEvent} pica-load - The list has loaded, or loaded again.
 * @event {PicaErrorEvent} pica-error - `load-failed`, or `connection-invalid` for a row that is none.
 */
export class PicaConnectionsList extends withConnectOptions(LitElement) {
  static override styles = [theme, styles];

  /**
   * The address that the host's stored connections are read from: GET answers an array, or
   * `{rows: […]}`. Without it, set `connections`.
   */
  @property({ attribute: 'connections-url' }) connectionsUrl: string | null = null;

  /** The address that the host's copy of Pica's available connectors is read from, for logos and names. */
  @property({ attribute: 'integrations-url' }) integrationsUrl: string | null = null;

  @state() private integrationsByPlatform = new Map<string, Integration>();

  #connections: Connection[] | undefined;
  #integrations: Integration[] = [];
  #refused: PicaError[] = [];

  readonly #loader = new ConnectionsLoader(this, {
    onConnections: (rows) => {
      this.connections = rows as Connection[];
    },
    onIntegrations: (rows) => {
      this.integrations = rows as Integration[];
    },
    onLoad: () => {
      this.dispatchEvent(new PicaLoadEvent({ connections: this.connections }));
    },
    onError: (error) => {
      this.#reportError(error);
    },
  });

  /**
   * The connections that are shown: for hosts that hold the data themselves. Rows of the Vault API and
   * of the host's own table are accepted too, and read back as `Connection`s. One that has no key or
   * no platform is refused with a `pica-error` `connection-invalid`, and the others are shown.
   */
  @property({ attribute: false })
  get connections(): Connection[] {
    return this.#connections ?? [];
  }

  set connections(rows: readonly Connection[] | null | undefined) {
    const { connections, refused } = normalizeConnections(rows ?? []);
    this.#connections = rows ? connections : undefined;
    this.#refused.push(...refused);
  }

  /** What can be connected: rows of Pica's available connectors. They give the rows name and logo. */
  @property({ attribute: false })
  get integrations(): Integration[] {
    return this.#integrations;
  }

  set integrations(rows: readonly Integration[] | null | undefined) {
    this.#integrations = normalizeIntegrations(rows ?? []);
    this.integrationsByPlatform = new Map(this.#integrations.map((row) => [row.platform, row]));
  }

  /** Whether the list is loading. Reflected, read-only. */
  get busy(): boolean {
    return this.#loader.isBusy;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    document.addEventListener('pica-success', this.#onSuccess);
    // What was under way when the element was taken out has been aborted.
    if (this.hasUpdated) void this.refresh();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    document.removeEventListener('pica-success', this.#onSuccess);
  }

  /**
   * Reads `connections-url` and `integrations-url` again; what is still under way is given up.
   * @returns when that has ended. Never rejects: a failure is a `pica-error` `load-failed`.
   */
  async refresh(): Promise<void> {
    if (this.connectionsUrl || this.integrationsUrl) await this.#loader.load();
  }

  protected override updated(changed: PropertyValues<this>): void {
    this.toggleAttribute('busy', this.busy);
    for (const error of this.#refused.splice(0)) this.#reportError(error);
    if (loadsAnew.some((name) => changed.has(name))) void this.refresh();
  }

  protected override render() {
    const { error } = this.#loader;
    const rows = this.connections;
    return html`
      <slot name="heading"><h2>${en.connections}</h2></slot>
      <div class="box" aria-busy=${this.busy ? 'true' : 'false'}>
        ${error ? this.#renderFailure() : nothing}
        ${rows.length > 0 ? this.#renderRows(rows) : nothing}
        ${rows.length === 0 && !error ? this.#renderNoRows() : nothing}
      </div>
    `;
  }

  #renderRows(rows: Connection[]): TemplateResult {
    const integrations = this.integrationsByPlatform;
    return html`<ul part="list">
      ${repeat(
        rows.toSorted(byAttention(integrations)),
        ({ key }) => key,
        (connection) => renderRow(connection, integrations.get(connection.platform)),
      )}
    </ul>`;
  }

  #renderNoRows(): TemplateResult {
    const isFirstLoad = this.busy && this.#connections === undefined;
    return isFirstLoad
      ? html`<div class="skeleton">
          <span class="spoken" role="status">${en.loadingConnections}</span>
          <ul aria-hidden="true">
            <li><span part="logo"></span><span class="what"></span></li>
          </ul>
        </div>`
      : html`<div part="message"><slot name="empty">${en.noConnections}</slot></div>`;
  }

  #renderFailure(): TemplateResult {
    return html`<div part="message" class="trouble" role="alert">
      ${en.loadFailed} <button type="button" @click=${this.#onRetry}>${en.retry}</button>
    </div>`;
  }

  #reportError(error: PicaError): void {
    const event = new PicaErrorEvent({ error });
    this.dispatchEvent(event);
  }

  #onRetry = () => {
    void this.refresh();
  };

  /** A connection was made by any element in the document; it counts once it has been saved. */
  #onSuccess = (event: PicaSuccessEvent) => {
    const { connection } = event.detail;
    void event.settled.then(() => {
      if (!this.isConnected) return;
      if (this.connectionsUrl) void this.refresh();
      else this.connections = [...this.connections.filter(isOther(connection)), connection];
    });
  };
}

/** A change of one of these means other data; a function for headers is not compared. */
const loadsAnew = [
  'connectionsUrl',
  'integrationsUrl',
  'requestHeaders',
  'tokenHeaders',
] as const satisfies (keyof PicaConnectionsList)[];

const isOther =
  ({ key }: Connection) =>
  (connection: Connection) =>
    connection.key !== key;

declare global {
  interface HTMLElementTagNameMap {
    'pica-connections-list': PicaConnectionsList;
  }
}
