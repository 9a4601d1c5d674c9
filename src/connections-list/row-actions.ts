import type { ConnectController } from '../connect/connect-controller.js';
import { PicaConnectEvent } from '../events.js';
import type { DisconnectController } from './disconnecting.js';
import type { Entry } from './entries.js';
import type { ListFocus } from './focus.js';
import type { ListModel } from './model.js';
import type { Action } from './row.js';

type Opened = PicaConnectEvent['detail'];

export interface RowActionsOptions {
  model: ListModel;
  disconnecting: DisconnectController;
  focus: ListFocus;
  connect: ConnectController;
  /** Saves a connection again. */
  retry: (key: string) => void;
}

/** What the buttons of rows and offers do: one listener for all of them, however many there are. */
export class RowActions {
  readonly #host: EventTarget;
  readonly #options: RowActionsOptions;

  constructor(host: EventTarget, options: RowActionsOptions) {
    this.#host = host;
    this.#options = options;
  }

  /**
   * Safari does not focus a button that is pressed by the mouse, and takes the focus away from the one
   * that has it: the question would be taken back before the click that answers it.
   */
  onMouseDown = (event: Event): void => {
    if (buttonOf(event)) event.preventDefault();
  };

  /** The pointer is over a button that opens AuthKit, or the focus on it. */
  onIntent = (event: Event): void => {
    const opened = this.#openedBy(buttonOf(event));
    if (opened) this.#options.connect.expectOpening(opened.integration.name);
  };

  onClick = (event: MouseEvent): void => {
    const button = buttonOf(event);
    const { key } = button?.closest('li')?.dataset ?? {};
    const action = button?.dataset.action as Action | undefined;
    // The second half of a double click is no answer to a question that came with the first.
    if (!button || (action === 'confirm' && event.detail > 1)) return;
    // It has not had it from the press; where AuthKit opens, the focus comes back to it.
    button.focus();
    const opened = this.#openedBy(button);
    if (opened) void this.#connect(opened);
    else if (action && key !== undefined) this.#act(action, key);
  };

  /** Escape takes the question back. */
  onKeyDown = (event: KeyboardEvent): void => {
    const { disconnecting, focus } = this.#options;
    // Nor is a key that is held down.
    if (event.repeat && buttonOf(event)?.dataset.action === 'confirm') event.preventDefault();
    const key = focus.keyOf(event.target);
    if (event.key !== 'Escape' || !key || disconnecting.phaseOf(key) !== 'asking') return;
    // It is meant for this alone, and not for a dialog around the list.
    event.preventDefault();
    event.stopPropagation();
    this.#act('back', key);
  };

  /** So does leaving the row. */
  onFocusOut = async (event: FocusEvent): Promise<void> => {
    const { disconnecting, focus } = this.#options;
    const key = focus.keyOf(event.target);
    if (!key || focus.keyOf(event.relatedTarget) === key) return;
    // A button that goes while it has the focus hands it on, within this task.
    await new Promise((resolve) => setTimeout(resolve));
    if (!focus.isIn(key)) disconnecting.back(key);
  };

  /** What AuthKit is opened for by this button, if it is one of those that open it. */
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
    const made = await connect.open(opened.integration.name);
    // The button that opened AuthKit has gone with that.
    if (made) await focus.arriveAt(made.key);
  }

  #act(action: Action, key: string): void {
    const { disconnecting, focus, retry } = this.#options;
    const { connection } = this.#entryOf(key) ?? {};
    if (!connection) return;
    if (action === 'retry') {
      retry(key);
      // Retry disappears, and Disconnect takes its place: keep the focus off that.
      void focus.moveTo(key, 'retry');
    } else if (action === 'ask') {
      disconnecting.ask(connection);
      void focus.moveTo(key, 'confirm');
    } else if (action === 'back') {
      disconnecting.back(key);
      void focus.moveTo(key, 'ask');
    } else if (action === 'confirm') {
      void disconnecting.confirm(connection);
    }
  }
}

/** The button of ours that an event comes from; the page's own, in a slot, are none of our business. */
function buttonOf({ target, currentTarget }: Event): HTMLElement | undefined {
  const button = (target as Element).closest<HTMLElement>('[data-action]');
  return button && (currentTarget as Element).contains(button) ? button : undefined;
}
