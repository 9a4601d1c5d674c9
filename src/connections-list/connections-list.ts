import { html, LitElement, nothing, type PropertyValues } from 'lit';
import { ConnectController } from '../connect/connect-controller.js';
import { withConnectOptions } from '../connect/options-mixin.js';
import type { Connection } from '../connection.js';
import { Announcer } from './announcer.js';
import { DisconnectController } from './disconnecting.js';
import { ListFocus } from './focus.js';
import { ConnectionsLoader } from './loader.js';
import { ListModel } from './model.js';
import { renderOffers } from './offers.js';
import { RelativeTimeController } from './relative-time.js';
import { RowActions } from './row-actions.js';
import { renderRows } from './row.js';
import { rowStyles } from './row.styles.js';
import { ListSearch } from './search.js';
import { skeletonStyles } from './skeleton.styles.js';
import { renderFailures, renderNoRows, renderNothingFound, renderSpoken } from './views.js';
import { WritesController } from './writes.js';
import { PicaLoadEvent } from '../events.js';
import type { Integration } from '../integration.js';
import { LocaleController, localeOf } from '../localization/locale-controller.js';
import { listener } from '../hardening/own.js';
import { styles } from './connections-list.styles.js';
import { theme } from '../connect/theme.styles.js';

/**
 * The accounts that a user has connected, and what else can be.
 *
 * Unsaved connections come first, then `failed` ones, then `degraded` ones, then the others by name. Disconnect asks for
 * confirmation in the row.
 *
 * @tagname pica-connections-list
 *
 * @slot heading - The heading. Without it: "Connections".
 * @slot empty - What is shown when nothing is connected.
 *
 * @csspart list - The list of connections.
 * @csspart item - One connection, or one thing that can be connected.
 * @csspart placeholder - An item that is still to come.
 * @csspart offer - One thing that can be connected.
 * @csspart logo - Its logo, or the first letter of its name.
 * @csspart name - What it is called.
 * @csspart account - Which account it is.
 * @csspart environment - The badge of a connection made with a test key.
 * @csspart state - Its state, with an icon.
 * @csspart actions - What can be done with it.
 * @csspart search - The search field and the filter by category, above more than eight rows.
 * @csspart message - What is said in place of rows, or above them.
 *
 * @cssprop --pica-surface - The color behind the rows.
 * @cssprop --pica-text - The color of text.
 * @cssprop --pica-muted - The color of what matters less.
 * @cssprop --pica-border - The color of lines.
 * @cssprop --pica-accent - The color of focus rings.
 * @cssprop --pica-success - The color of `operational`.
 * @cssprop --pica-warning - The color of `degraded` and of the test badge.
 * @cssprop --pica-danger - The color of `failed`, of what is not saved, and of errors.
 * @cssprop --pica-radius - The corners. Default: `0.5em`.
 * @cssprop --pica-spacing - What all distances are multiples of. Default: `0.5em`.
 *
 * @event {PicaLoadEvent} pica-load - The list has loaded, or loaded again.
 * @event {PicaConnectEvent} pica-connect - The user asked to connect or reconnect; cancelable.
 * @event {PicaDisconnectEvent} pica-disconnect - The user confirmed; cancelable, has `waitUntil()`.
 * @event {PicaErrorEvent} pica-error - Something went wrong.
 * @event {PicaOpenEvent} pica-open - AuthKit is about to open; cancelable.
 * @event {PicaSuccessEvent} pica-success - A connection was made; has `waitUntil()`.
 * @event {PicaCloseEvent} pica-close - AuthKit has closed; once for each opening, last.
 */
export class PicaConnectionsList extends withConnectOptions(LitElement) {
  /** @internal */
  static override properties: typeof LitElement.properties = {
    integrationsUrl: { attribute: 'integrations-url' },
    connections: { attribute: false },
    integrations: { attribute: false },
  };

  static override styles = [theme, styles, rowStyles, skeletonStyles];

  /** The URL of the host's copy of Pica's connectors: `{rows: [{platform, name, category, image, description}]}`. */
  integrationsUrl: string | null = null;

  readonly #model: ListModel = new ListModel(
    () => localeOf(this),
    (connection) => this.#writes.stateOf(connection),
  );

  readonly #announcer = new Announcer(this.#model, () => localeOf(this));
  readonly #writes: WritesController = new WritesController(this, {
    model: this.#model,
    announcer: this.#announcer,
    onStillThere: (connection) => {
      this.#connect.reportError(this.#disconnecting.failLate(connection));
    },
    save: (...args) => {
      this.#connect.save(...args);
    },
  });

  readonly #search = new ListSearch(this);
  readonly #focus: ListFocus = new ListFocus(this);
  readonly #connect: ConnectController = new ConnectController(this, {
    onNewConnection: this.#announcer.clear,
    onSettled: this.#writes.onSettled,
  });

  readonly #loader = new ConnectionsLoader(this, {
    onConnections: this.#writes.onRead,
    onIntegrations: (rows) => {
      this.integrations = rows as Integration[];
    },
    onLoad: () => {
      this.dispatchEvent(new PicaLoadEvent({ connections: this.connections }));
    },
    onError: this.#connect.reportError,
  });

  readonly #disconnecting = new DisconnectController(this, {
    onAsk: this.#announcer.clear,
    onDisconnected: this.#writes.onDisconnected,
    onFailed: ({ key }, error) => {
      this.#announcer.clear();
      this.#connect.reportError(error);
      void this.#focus.backTo(key);
    },
  });

  readonly #actions = new RowActions(this, {
    model: this.#model,
    disconnecting: this.#disconnecting,
    focus: this.#focus,
    connect: this.#connect,
    retry: this.#writes.retry,
  });

  constructor() {
    super();
    new LocaleController(this);
    new RelativeTimeController(this, () => this.#model.newest);
  }

  /**
   * The connections that the list shows, for hosts that hold the data. Accepts rows of the Vault API and of the host's
   * own table. A row without a key or platform is refused with a `pica-error` `connection-invalid`.
   */
  get connections(): Connection[] {
    return this.#model.connections ?? [];
  }

  set connections(rows: readonly Connection[] | null | undefined) {
    this.#model.setConnections(rows);
  }

  /** What can be connected: rows of Pica's connectors, with name, logo and category. The list offers the unconnected. */
  get integrations(): Integration[] {
    return this.#model.integrations;
  }

  set integrations(rows: readonly Integration[] | null | undefined) {
    this.#model.setIntegrations(rows);
    this.#search.keepCategoryOf(this.#model.integrations);
  }

  /** Whether the connections, or without `connections-url` the integrations, are being read. Reflected, read-only. */
  get busy(): boolean {
    return this.#loader.isBusy;
  }

  /**
   * Reads `connections-url` and `integrations-url` again; what is under way is given up. A failure is `load-failed`.
   * The list does this after every `pica-success` in the document, and when the page is shown again after a minute.
   * @returns when the connections have come or failed, or the integrations without `connections-url`. Never rejects.
   */
  async refresh(): Promise<void> {
    await this.#loader.load();
  }

  /** Saves again what this list connected and could not save: see the button. */
  retrySave(): void {
    this.#connect.retrySave();
  }

  /** Goes to the heading, unless the focus is in the list: there is no one control that it is about. */
  override focus(options?: FocusOptions): void {
    if (!this.shadowRoot?.activeElement) this.#focus.toHeading(options);
  }

  protected override updated(changed: PropertyValues<this>): void {
    this.toggleAttribute('busy', this.busy);
    for (const error of this.#model.takeRefused()) this.#connect.reportError(error);
    if (!this.#loader.isOutdatedBy(changed)) return;
    // What was read is of another endpoint, or of another user: where nobody says who that is, headers may tell.
    const hadRows = this.#loader.forget();
    const isSame = !changed.get('identity') && !changed.get('connectionsUrl');
    if (!isSame || (hadRows && !this.identity)) this.#writes.reset();
    if (hadRows && !changed.has('connections')) this.connections = this.#writes.rows;
    void this.refresh();
  }

  protected override render() {
    const locale = localeOf(this);
    const { entries, categories } = this.#model;
    const loader = this.#loader;
    const search = this.#search;
    // Until the connections are known, any of these may be connected already.
    const offers = loader.isKnown ? this.#model.offers : [];
    const shownEntries = entries.filter(search.matchesEntry);
    const shownOffers = offers.filter(search.matchesOffer);
    const found = shownEntries.length + shownOffers.length;
    const isSearched = search.isOn && loader.isKnown;
    const { onMouseDown, onIntent, onClick, onKeyDown, onFocusOut } = this.#actions;
    return html`
      <div class="heading" tabindex="-1">
        <slot name="heading"><h2 lang=${locale.language}>${locale.text('connections')}</h2></slot>
      </div>
      <div
        lang=${locale.language}
        @mousedown=${listener(onMouseDown)}
        @pointerover=${listener(onIntent)}
        @focusin=${listener(onIntent)}
        @click=${listener(onClick)}
        @keydown=${listener(onKeyDown)}
        @focusout=${listener(onFocusOut)}
      >
        ${search.render(entries.length + offers.length, categories, locale)}
        ${renderSpoken(isSearched ? locale.text('found', { count: found }) : '')}
        ${this.#announcer.render()} ${renderFailures(loader, entries.length > 0, locale)}
        ${this.debug ? html`<div part="message" class="debug"></div>` : nothing}
        ${
          shownEntries.length > 0
            ? renderRows(shownEntries, (key) => this.#disconnecting.phaseOf(key), locale)
            : renderNoRows(loader, search, locale)
        }
        ${renderOffers(shownOffers, locale)}
        ${isSearched && found === 0 ? renderNothingFound(search, locale, this.#onClear) : nothing}
      </div>
    `;
  }

  #onClear = () => {
    this.#search.clear();
    void this.#focus.toSearch();
  };
}

declare global {
  interface HTMLElementTagNameMap {
    'pica-connections-list': PicaConnectionsList;
  }
}
