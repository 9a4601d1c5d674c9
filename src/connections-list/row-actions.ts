import type { ConnectController } from '../connect/connect-controller.js';
import { PicaConnectEvent } from '../events.js';
import type { DisconnectController } from './disconnecting.js';
import type { Entry } from './sorted-entries.js';
import type { ListFocus } from './focus.js';
import type { ListModel } from './model.js';
import type { Action } from './row.js';
import { delay } from '../delay.js';

type Opened = PicaConnectEvent['detail'];

export interface RowActionsOptions {
  model: ListModel;
  disconnecting: DisconnectController;
  focus: ListFocus;
  connect: ConnectController;
  /** Saves an unsaved connection again. */
  retry: (key: string) => void;
}

/** Handles the buttons of rows and offers, with one listener for all of them. */
export class RowActions {
  readonly #host: EventTarget;
  readonly #options: RowActionsOptions;

  constructor(host: EventTarget, options: RowActionsOptions) {
    this.#host = host;
    this.#options = options;
  }

  /**
   * Keeps the focus where it is until the click. Safari doesn't focus a clicked button and blurs the focused one, so the
   * row would stop asking for confirmation before the click that confirms.
   */
  onMouseDown = (event: Event): void => {
    if (buttonOf(event)) event.preventDefault();
  };

  /** Prefetches when a button that opens AuthKit is hovered or focused. */
  onIntent = (event: Event): void => {
    const opened = this.#openedBy(buttonOf(event));
    if (opened) this.#options.connect.prefetch(opened.integration.name);
  };

  onClick = (event: MouseEvent): void => {
    const button = buttonOf(event);
    const { key } = button?.closest('li')?.dataset ?? {};
    const action = button?.dataset.action as Action | undefined;
    // The second click of a double click must not confirm what the first has asked.
    if (!button || (action === 'confirm' && event.detail > 1)) return;
    // onMouseDown has kept the focus away. When AuthKit closes, the focus returns to this button.
    button.focus();
    const opened = this.#openedBy(button);
    if (opened) void this.#connect(opened);
    else if (action && key !== undefined) this.#act(action, key);
  };

  /** Escape stops asking for confirmation. */
  onKeyDown = (event: KeyboardEvent): void => {
    const { disconnecting, focus } = this.#options;
    // A key that is still held down from the first press must not confirm.
    if (event.repeat && buttonOf(event)?.dataset.action === 'confirm') event.preventDefault();
    const key = focus.keyOf(event.target);
    if (event.key !== 'Escape' || !key || disconnecting.phaseOf(key) !== 'asking') return;
    // This Escape must not close a dialog around the list as well.
    event.preventDefault();
    event.stopPropagation();
    this.#act('back', key);
  };

  /** Leaving the row stops asking for confirmation. */
  onFocusOut = async (event: FocusEvent): Promise<void> => {
    const { disconnecting, focus } = this.#options;
    const key = focus.keyOf(event.target);
    if (!key || focus.keyOf(event.relatedTarget) === key) return;
    // When a focused button disappears, ListFocus moves the focus within this task.
    await delay();
    if (!focus.isIn(key)) disconnecting.cancel(key);
  };

  /** What a button opens AuthKit for. Undefined if it doesn't open AuthKit. */
  #openedBy(button: HTMLElement | undefined): Opened | undefined {
    const { action } = button?.dataset ?? {};
    const { key, platform = '' } = button?.closest('li')?.dataset ?? {};
    const { model } = this.#options;
    if (action === 'connect') {
      const integration = model.integrationOf(platform);
      return integration && { integration, connection: null };
    }
    const entry = action === 'reconnect' ? this.#entryOf(key) : undefined;
    if (!entry) return undefined;
    const { connection, name } = entry;
    const integration = entry.integration ?? { platform: connection.platform, name };
    return { integration, connection };
  }

  #entryOf(key: string | undefined): Entry | undefined {
    return this.#options.model.entries.find(({ connection }) => connection.key === key);
  }

  async #connect(opened: Opened): Promise<void> {
    if (!this.#host.dispatchEvent(new PicaConnectEvent(opened))) return;
    const { connect, focus } = this.#options;
    const connection = await connect.open(opened.integration.name);
    // The new row replaces the offer, and with it the button that opened AuthKit.
    if (connection) await focus.moveToNew(connection.key);
  }

  #act(action: Action, key: string): void {
    const { disconnecting, focus, retry } = this.#options;
    const { connection } = this.#entryOf(key) ?? {};
    if (!connection) return;
    if (action === 'retry') {
      retry(key);
      // Retry disappears. The focus must not land on Disconnect, which takes its place.
      void focus.moveTo(key, 'retry');
    } else if (action === 'ask') {
      disconnecting.ask(connection);
      void focus.moveTo(key, 'confirm');
    } else if (action === 'back') {
      disconnecting.cancel(key);
      void focus.moveTo(key, 'ask');
    } else if (action === 'confirm') {
      void disconnecting.confirm(connection);
    }
  }
}

/** Returns the list's own button that an event comes from. The page's buttons in a slot are ignored. */
function buttonOf({ target, currentTarget }: Event): HTMLElement | undefined {
  const button = (target as Element).closest<HTMLElement>('[data-action]');
  return button && (currentTarget as Element).contains(button) ? button : undefined;
}
