import type { LitElement } from 'lit';
import type { ConnectController } from '../connect/connect-controller.js';
import type { Connection } from '../connection.js';
import { delay } from '../delay.js';
import type { StoreOptions } from '../endpoints/store.js';
import { localeOf } from '../localization/locale-controller.js';
import { Announcer } from './announcer.js';
import { DisconnectController } from './disconnecting.js';
import { ListFocus } from './focus.js';
import type { ListModel } from './model.js';
import type { Action } from './row.js';
import { WritesController } from './writes.js';

type Host = LitElement & StoreOptions & { connections: Connection[]; refresh: () => Promise<void> };

export interface ListActionsOptions {
  model: ListModel;
  connect: ConnectController;
}

/** What a list does once somebody acts: disconnects, saves again, shows new connections, keeps the focus, announces. */
export class ListActions {
  readonly announcer: Announcer;
  readonly disconnecting: DisconnectController;
  readonly focus: ListFocus;
  readonly writes: WritesController;
  readonly #model: ListModel;

  constructor(host: Host, { model, connect }: ListActionsOptions) {
    this.#model = model;
    this.announcer = new Announcer(model, () => localeOf(host));
    this.focus = new ListFocus(host);
    this.writes = new WritesController(host, {
      model,
      announcer: this.announcer,
      onStillListed: (connection) => {
        connect.reportError(this.disconnecting.failLate(connection));
      },
      save: (...args) => {
        connect.save(...args);
      },
    });
    this.disconnecting = new DisconnectController(host, {
      onAsk: this.announcer.clear,
      onDisconnected: this.writes.onDisconnected,
      onFailed: ({ key }, error) => {
        this.announcer.clear();
        connect.reportError(error);
        void this.focus.returnTo(key);
      },
    });
  }

  /** Does what a button of a row says. */
  act(action: Action, key: string): void {
    const { disconnecting, focus, writes } = this;
    const { connection } = this.#model.entryOf(key) ?? {};
    if (!connection) return;
    if (action === 'retry') {
      writes.retry(key);
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

  /** Escape stops asking for confirmation. */
  onKeyDown(event: KeyboardEvent, button: HTMLElement | undefined): void {
    const { disconnecting, focus } = this;
    // A key that is still held down from the first press must not confirm.
    if (event.repeat && button?.dataset.action === 'confirm') event.preventDefault();
    const key = focus.keyOf(event.target);
    if (event.key !== 'Escape' || !key || disconnecting.phaseOf(key) !== 'asking') return;
    // This Escape must not close a dialog around the list as well.
    event.preventDefault();
    event.stopPropagation();
    this.act('back', key);
  }

  /** Leaving the row stops asking for confirmation. */
  async onFocusOut(event: FocusEvent): Promise<void> {
    const { disconnecting, focus } = this;
    const key = focus.keyOf(event.target);
    if (!key || focus.keyOf(event.relatedTarget) === key) return;
    // When a focused button disappears, ListFocus moves the focus within this task.
    await delay();
    if (!focus.isIn(key)) disconnecting.cancel(key);
  }
}
