import type { LitElement } from 'lit';
import type { ConnectController } from '../connect/connect-controller.js';
import { PicaConnectEvent } from '../events.js';
import { listener } from '../hardening/prototype-pollution.js';
import type { ActionsLoader } from './actions-loader.js';
import type { RowPhase } from './disconnecting.js';
import type { ListModel } from './model.js';
import type { Action } from './row.js';

type Opened = PicaConnectEvent['detail'];

type Host = LitElement & { preload: string };

export interface RowEventsOptions {
  model: ListModel;
  connect: ConnectController;
  actions: ActionsLoader;
}

/**
 * Handles the events of rows and offers, with one listener for all of them. Opens AuthKit itself, because browsers allow
 * a window only within the click. The code for all other buttons is loaded when somebody is about to use one.
 */
export class RowEvents {
  readonly #host: Host;
  readonly #options: RowEventsOptions;
  #handled: Promise<void> | undefined;
  /** The row whose Disconnect did nothing, because its code could not be loaded. */
  #failedKey: string | undefined;

  constructor(host: Host, options: RowEventsOptions) {
    this.#host = host;
    this.#options = options;
  }

  /** Resolves once the last click has been handled, or can't be. */
  get handled(): Promise<void> | undefined {
    return this.#handled;
  }

  phaseOf(key: string): RowPhase | undefined {
    return key === this.#failedKey
      ? 'failed'
      : this.#options.actions.loaded?.disconnecting.phaseOf(key);
  }

  readonly onEvent = listener((event: Event): void => {
    const { loaded } = this.#options.actions;
    const button = buttonOf(event);
    const { type } = event;
    if (type === 'focusout') void loaded?.onFocusOut(event as FocusEvent);
    else if (type === 'keydown') loaded?.onKeyDown(event as KeyboardEvent, button);
    else if (type === 'click') this.#onClick(button, event as MouseEvent);
    else if (type === 'mousedown') {
      // Safari doesn't focus a clicked button and blurs the focused one, so the row would stop asking for confirmation
      // before the click that confirms.
      if (button) event.preventDefault();
    } else this.#onIntent(button);
  });

  /** The pointer or the focus is on the list. */
  #onIntent(button: HTMLElement | undefined): void {
    const { actions, connect } = this.#options;
    if (this.#host.preload !== 'none') actions.prefetch();
    const opened = this.#openedBy(button);
    if (opened) connect.prefetch(opened.integration.name);
  }

  #onClick(button: HTMLElement | undefined, { detail }: MouseEvent): void {
    const row = button?.closest('li');
    const action = button?.dataset.action as Action;
    // The second click of a double click must not confirm what the first has asked.
    if (!button || !row || row.ariaBusy || (action === 'confirm' && detail > 1)) return;
    // mousedown has kept the focus away. When AuthKit closes, the focus returns to this button.
    button.focus();
    const opened = this.#openedBy(button);
    const { key } = row.dataset;
    if (opened) void this.#connect(opened, row);
    else if (key !== undefined) this.#handled = this.#act(action, key, row);
  }

  /** What a button opens AuthKit for. Undefined if it doesn't open AuthKit. */
  #openedBy(button: HTMLElement | undefined): Opened | undefined {
    const { action } = button?.dataset ?? {};
    const { key = '', platform = '' } = button?.closest('li')?.dataset ?? {};
    const { model } = this.#options;
    if (action === 'connect') {
      const integration = model.integrationOf(platform);
      return integration && { integration, connection: null };
    }
    const entry = action === 'reconnect' ? model.entryOf(key) : undefined;
    if (!entry) return undefined;
    const { connection, name } = entry;
    const integration = entry.integration ?? { platform: connection.platform, name };
    return { integration, connection };
  }

  async #connect(opened: Opened, row: HTMLElement): Promise<void> {
    const { connect, actions } = this.#options;
    // While AuthKit is loading, another click opens nothing.
    if (connect.status === 'loading') return;
    if (!this.#host.dispatchEvent(new PicaConnectEvent(opened))) return;
    const connection = await whileBusy(row, connect.open(opened.integration.name));
    // The new row replaces the offer, and with it the button that opened AuthKit.
    if (connection) actions.run(({ focus }) => void focus.moveToNew(connection.key));
  }

  async #act(action: Action, key: string, row: HTMLElement): Promise<void> {
    const { actions } = this.#options;
    const loaded = actions.loaded ?? (await whileBusy(row, actions.load()));
    // Without the code, no row has another button than this one for it.
    this.#failedKey = loaded ? undefined : key;
    loaded?.act(action, key);
    this.#host.requestUpdate();
  }
}

async function whileBusy<T>(row: HTMLElement, work: Promise<T>): Promise<T> {
  row.ariaBusy = 'true';
  const result = await work;
  row.ariaBusy = null;
  return result;
}

/** Returns the list's own button that an event comes from. The page's buttons in a slot are ignored. */
function buttonOf({ target, currentTarget }: Event): HTMLElement | undefined {
  const button = (target as Element).closest<HTMLElement>('[data-action]');
  return button && (currentTarget as Element).contains(button) ? button : undefined;
}
