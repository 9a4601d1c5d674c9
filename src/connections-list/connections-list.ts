import { html, LitElement, nothing, type PropertyValues } from 'lit';
import { ConnectController } from '../connect/connect-controller.js';
import { withConnectOptions } from '../connect/options-mixin.js';
import type { Connection } from '../connection.js';
import { renderAnnouncement } from './announcement.js';
import { ConnectionsLoader } from './loader.js';
import { ListEvents } from './list-events.js';
import { ListModel } from './model.js';
import { renderOffers } from './offers.js';
import { RelativeTimeController } from './relative-time.js';
import { renderRows } from './row.js';
import { ListSearch } from './search.js';
import { renderFailures, renderNoRows, renderNothingFound, renderOpenFailed } from './messages.js';
import { PicaLoadEvent } from '../events.js';
import type { Integration } from '../integration.js';
import { listStrings } from '../localization/list-strings.js';
import { LocaleController, localeOf } from '../localization/locale-controller.js';
import { addEnglish } from '../localization/registry.js';
import { styles } from './connections-list.styles.js';

addEnglish(listStrings);

/**
 * A list of the accounts that the user has connected, and of the integrations that the user can connect.
 * Unsaved connections come first, then `failed` ones, then `degraded` ones, then the others by name. Disconnect asks for
 * confirmation in the row.
 *
 * @tagname pica-connections-list
 *
 * @slot heading - The heading. Default: "Connections".
 * @slot empty - The content of an empty list. Default: a short message.
 *
 * @csspart list - The list of connections.
 * @csspart item - A row: a connection, an offer or a placeholder.
 * @csspart placeholder - A row of the loading skeleton.
 * @csspart offer - A row for an integration that is not connected.
 * @csspart logo - The integration's logo, or the first letter of its name.
 * @csspart name - The integration's name.
 * @csspart account - The name of the connected account, or the description of an offer.
 * @csspart environment - The badge of a connection made with a test key.
 * @csspart state - The connection's state, with an icon.
 * @csspart actions - The buttons of a row.
 * @csspart search - The search field and the category filter, shown for more than eight rows.
 * @csspart message - A message above the rows or in place of them, for example when loading fails.
 *
 * @cssprop --pica-surface - The background of rows and controls.
 * @cssprop --pica-text - The text color.
 * @cssprop --pica-muted - The color of secondary text.
 * @cssprop --pica-border - The border color.
 * @cssprop --pica-accent - The color of focus rings.
 * @cssprop --pica-success - The color of the state `operational`.
 * @cssprop --pica-warning - The color of the state `degraded` and of the test badge.
 * @cssprop --pica-danger - The color of the state `failed`, of unsaved connections, and of errors.
 * @cssprop --pica-radius - The corner radius. Default: `0.5em`.
 * @cssprop --pica-spacing - The unit of all gaps and padding. Default: `0.5em`.
 *
 * @event {PicaLoadEvent} pica-load - The connections have loaded. Dispatched after every successful load.
 * @event {PicaConnectEvent} pica-connect - The user clicked Connect or Reconnect. Cancelable.
 * @event {PicaDisconnectEvent} pica-disconnect - The user confirmed. Cancelable. Pass your promise to `waitUntil()`.
 * @event {PicaErrorEvent} pica-error - Something failed: see `detail.error`.
 * @event {PicaOpenEvent} pica-open - AuthKit is about to open. Cancelable.
 * @event {PicaSuccessEvent} pica-success - An account was connected. Pass the promise of your save to `waitUntil()`.
 * @event {PicaCloseEvent} pica-close - AuthKit has closed. Dispatched once per opening, after all other events except a
 *   `pica-error` `save-failed`, which may follow if a save is still pending.
 */
export class PicaConnectionsList extends withConnectOptions(LitElement) {
  /** @internal */
  static override properties: typeof LitElement.properties = {
    integrationsUrl: { attribute: 'integrations-url' },
    connections: { attribute: false },
    integrations: { attribute: false },
  };

  static override styles = styles;

  /** The URL where your server lists Pica's connectors: `{rows: [{platform, name, category, image, description}]}`. */
  integrationsUrl: string | null = null;

  readonly #model: ListModel = new ListModel(
    () => localeOf(this),
    (key) => this.#events.actions?.writes.phaseOf(key),
  );

  readonly #search = new ListSearch(this);
  readonly #connect: ConnectController = new ConnectController(this, {
    onNewConnection: () => this.#events.actions?.announcer.clear(),
  });

  readonly #loader: ConnectionsLoader = new ConnectionsLoader(this, {
    onConnections: (rows) => {
      const { actions } = this.#events;
      if (actions) actions.writes.onRead(rows);
      else this.#model.setConnections(rows);
    },
    onIntegrations: (rows) => {
      this.integrations = rows as Integration[];
    },
    onLoad: () => {
      this.dispatchEvent(new PicaLoadEvent({ connections: this.connections }));
    },
    onError: this.#connect.reportError,
  });

  readonly #events: ListEvents = new ListEvents(this, {
    model: this.#model,
    connect: this.#connect,
  });

  constructor() {
    super();
    new LocaleController(this);
    new RelativeTimeController(this, () => this.#model.newest);
  }

  /**
   * The connections in the list. With `connections-url`, the list loads them itself. Accepts rows of Pica's Vault API and
   * of your own table. Skips a row without a key or platform, with the error `connection-invalid`. Default: empty.
   */
  get connections(): Connection[] {
    return this.#model.connections ?? [];
  }

  set connections(rows: readonly Connection[] | null | undefined) {
    this.#model.setConnections(rows);
  }

  /**
   * The integrations that the list offers to connect, as rows of Pica's connectors. Connected ones are left out. With
   * `integrations-url`, the list loads them itself. Default: empty.
   */
  get integrations(): Integration[] {
    return this.#model.integrations;
  }

  set integrations(rows: readonly Integration[] | null | undefined) {
    this.#model.setIntegrations(rows);
    this.#search.keepCategoryOf(this.#model.integrations);
  }

  /** Whether the connections are loading (without `connections-url`, the integrations). Also an attribute, for CSS. */
  get busy(): boolean {
    return this.#loader.isBusy;
  }

  /**
   * Loads `connections-url` and `integrations-url` again, and aborts earlier loads. The error is `load-failed`. The list
   * calls this after every `pica-success` in the document, and when the page becomes visible more than a minute after
   * the last load.
   * @returns once the connections (without `connections-url`, the integrations) have loaded or failed. Never rejects.
   */
  async refresh(): Promise<void> {
    await this.#loader.load();
  }

  /** Tries to save unsaved connections again: dispatches `pica-success`, and sends them to `connections-url`. */
  retrySave(): void {
    this.#connect.retrySave();
  }

  /** Moves the focus to the heading, because the list has no main control. Does nothing if the focus is in the list. */
  override focus(options?: FocusOptions): void {
    const { shadowRoot } = this;
    if (!shadowRoot?.activeElement)
      shadowRoot?.querySelector<HTMLElement>('.heading')?.focus(options);
  }

  /** An update is complete once it shows what was clicked and connected, even if the code for that had to be loaded. */
  protected override async getUpdateComplete(): Promise<boolean> {
    await this.#events.handled;
    return super.getUpdateComplete();
  }

  protected override updated(changed: PropertyValues<this>): void {
    for (const error of this.#model.takeRefused()) this.#connect.reportError(error);
    if (!this.#loader.isOutdatedBy(changed)) return;
    // The rows belong to another endpoint or user. Without `identity`, changed headers may mean another user.
    const hadRows = this.#loader.reset();
    const isSame = !changed.get('identity') && !changed.get('connectionsUrl');
    if (!isSame || (hadRows && !this.identity)) this.#events.reset();
    if (hadRows && !changed.has('connections'))
      this.connections = this.#events.actions?.writes.rows;
    void this.refresh();
  }

  protected override render() {
    const locale = localeOf(this);
    const { entries, categories } = this.#model;
    const loader = this.#loader;
    const search = this.#search;
    // Before the connections are known, an offer may be connected already.
    const offers = loader.isKnown ? this.#model.offers : [];
    const shownEntries = entries.filter(search.matchesEntry);
    const shownOffers = offers.filter(search.matchesOffer);
    const found = shownEntries.length + shownOffers.length;
    const isSearched = search.isActive && loader.isKnown;
    const { onEvent, actions } = this.#events;
    return html`
      <div class="heading" tabindex="-1">
        <slot name="heading"><h2 lang=${locale.language}>${locale.text('connections')}</h2></slot>
      </div>
      <div
        lang=${locale.language}
        @mousedown=${onEvent}
        @pointerover=${onEvent}
        @focusin=${onEvent}
        @click=${onEvent}
        @keydown=${onEvent}
        @focusout=${onEvent}
      >
        ${search.render(entries.length + offers.length, categories, locale)}
        ${renderAnnouncement(isSearched ? locale.text('found', { count: found }) : '')}
        ${renderAnnouncement(actions?.announcer.text ?? '')}
        ${renderFailures(loader, entries.length > 0, locale)}
        ${this.debug ? html`<div part="message" class="debug"></div>` : nothing}
        ${this.#connect.isUnavailable ? renderOpenFailed(locale) : nothing}
        ${
          shownEntries.length > 0
            ? renderRows(shownEntries, (key) => this.#events.phaseOf(key), locale)
            : renderNoRows(loader, search, locale)
        }
        ${renderOffers(shownOffers, locale)}
        ${isSearched && found === 0 ? renderNothingFound(search, locale, this.#onClear) : nothing}
      </div>
    `;
  }

  #onClear = () => {
    this.#search.clear();
    this.#events.run(({ focus }) => void focus.moveToSearch());
  };
}

declare global {
  interface HTMLElementTagNameMap {
    'pica-connections-list': PicaConnectionsList;
  }
}
