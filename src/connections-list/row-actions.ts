import type { Connection } from '../connection.js';
import type { Integration } from '../integration.js';
import type { DisconnectController } from './disconnecting.js';
import type { ListFocus } from './focus.js';
import type { ListModel } from './model.js';
import type { Action } from './row.js';

export interface RowActionsOptions {
  model: ListModel;
  disconnecting: DisconnectController;
  focus: ListFocus;
  onConnect: (integration: Integration, connection: Connection | null) => void;
}

/** What the buttons of rows and offers do: one listener for all of them, however many there are. */
export class RowActions {
  readonly #options: RowActionsOptions;

  constructor(options: RowActionsOptions) {
    this.#options = options;
  }

  /**
   * Safari does not focus a button that is pressed by the mouse, and takes the focus away from the one
   * that has it: the question would be taken back before the click that answers it.
   */
  onMouseDown = (event: Event): void => {
    if ((event.target as Element).closest('[data-action]')) event.preventDefault();
  };

  onClick = (event: Event): void => {
    const button = (event.target as Element).closest<HTMLElement>('[data-action]');
    const { key, platform } = button?.closest('li')?.dataset ?? {};
    const action = button?.dataset.action as Action | undefined;
    if (action === 'connect') this.#connect(platform);
    else if (action && key !== undefined) this.#act(action, key);
  };

  /** Escape takes the question back. */
  onKeyDown = (event: KeyboardEvent): void => {
    const { disconnecting, focus } = this.#options;
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

  #connect(platform = ''): void {
    const integration = this.#options.model.integrationOf(platform);
    if (integration) this.#options.onConnect(integration, null);
  }

  #act(action: Action, key: string): void {
    const { model, disconnecting, focus, onConnect } = this.#options;
    const entry = model.entries.find(({ connection }) => connection.key === key);
    if (!entry) return;
    const { connection, integration, name } = entry;
    if (action === 'reconnect') {
      onConnect(integration ?? { platform: connection.platform, name }, connection);
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
