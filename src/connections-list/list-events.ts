import type { LitElement, ReactiveController } from 'lit';
import { filesUnavailable } from '../connect/files-unavailable.js';
import { type SettledEvent, storing } from '../endpoints/settled.js';
import { PicaConnectEvent, type PicaErrorEvent } from '../events.js';
import { inheritNothing, listener } from '../hardening/prototype-pollution.js';
import { safeDocument } from '../hardening/safe-document.js';
import { loadListActions } from '../lazy.js';
import type { RowPhase } from './disconnecting.js';
import type { ListActions, ListActionsOptions } from './list-actions.js';
import type { Action } from './row.js';

type Act = (actions: ListActions) => void;

type Opened = PicaConnectEvent['detail'];

type Host = ConstructorParameters<typeof ListActions>[0] & LitElement & { preload: string };

const pageEvents = ['pica-open', 'pica-success', 'pica-error'] as const;

/**
 * Handles what happens in the rows of a list, and what other elements of the page connect. Opens AuthKit itself, because
 * browsers allow a window only within the click. The code for everything else is loaded when somebody is about to act.
 * What happens before it is there is kept, and is handled then.
 */
export class ListEvents implements ReactiveController {
  static {
    inheritNothing(this);
  }

  readonly #host: Host;
  readonly #options: ListActionsOptions;
  #actions: ListActions | undefined;
  #loading: Promise<ListActions | undefined> | undefined;
  #missed: Act[] = [];
  /** Whether something waits for the code, so that its absence has to be reported. */
  #isWanted = false;
  #click: Promise<void> | undefined;
  /** The row whose Disconnect did nothing, because its code could not be loaded. */
  #failedKey: string | undefined;

  constructor(host: Host, options: ListActionsOptions) {
    this.#host = host;
    this.#options = options;
    host.addController(this);
  }

  /** Undefined until the code has loaded. */
  get actions(): ListActions | undefined {
    return this.#actions;
  }

  /** Resolves when nothing waits for the code any more. */
  get handled(): Promise<unknown> {
    return Promise.all([this.#loading, this.#click]);
  }

  phaseOf(key: string): RowPhase | undefined {
    return key === this.#failedKey ? 'failed' : this.#actions?.disconnecting.phaseOf(key);
  }

  hostConnected(): void {
    for (const name of pageEvents) safeDocument.addEventListener(name, this.#onPageEvent);
    storing.addEventListener('settled', this.#onSettled);
  }

  hostDisconnected(): void {
    for (const name of pageEvents) safeDocument.removeEventListener(name, this.#onPageEvent);
    storing.removeEventListener('settled', this.#onSettled);
  }

  /** Calls back now or, without the code, once it has loaded. */
  run(act: Act): void {
    if (this.#actions) act(this.#actions);
    else {
      this.#missed.push(act);
      void this.#load();
    }
  }

  /** Forgets what has happened: it belongs to another endpoint or user. */
  reset(): void {
    this.#missed = [];
    this.#actions?.writes.reset();
  }

  /** For all events of the rows, because there may be thousands of rows. */
  readonly onEvent = listener((event: Event): void => {
    const button = buttonOf(event);
    const { type } = event;
    if (type === 'focusout') void this.#actions?.onFocusOut(event as FocusEvent);
    else if (type === 'keydown') this.#actions?.onKeyDown(event as KeyboardEvent, button);
    else if (type === 'click') this.#onClick(button, event as MouseEvent);
    else if (type === 'mousedown') {
      // Safari doesn't focus a clicked button and blurs the focused one, so the row would stop asking for confirmation
      // before the click that confirms.
      if (button) event.preventDefault();
    } else this.#onIntent(button);
  });

  /** The pointer or the focus is on the list. */
  #onIntent(button: HTMLElement | undefined): void {
    if (this.#host.preload !== 'none') this.#prefetch();
    const opened = this.#openedBy(button);
    if (opened) this.#options.connect.prefetch(opened.integration.name);
  }

  #onClick(button: HTMLElement | undefined, { detail }: MouseEvent): void {
    const row = button?.closest('li');
    const action = button?.dataset.action as Action;
    // The second click of a double click must not confirm what the first has asked.
    if (!button || !row || (action === 'confirm' && detail > 1)) return;
    // mousedown has kept the focus away. When AuthKit closes, the focus returns to this button.
    button.focus();
    const opened = this.#openedBy(button);
    const { key } = row.dataset;
    if (opened) void this.#connect(opened, row);
    else if (key !== undefined) this.#click = this.#act(action, key, row);
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
    const { connect } = this.#options;
    // While AuthKit is loading, another click opens nothing.
    if (connect.status === 'loading') return;
    if (!this.#host.dispatchEvent(new PicaConnectEvent(opened))) return;
    const connection = await whileBusy(row, connect.open(opened.integration.name));
    // The new row replaces the offer, and with it the button that opened AuthKit.
    if (connection) this.run(({ focus }) => void focus.moveToNew(connection.key));
  }

  async #act(action: Action, key: string, row: HTMLElement): Promise<void> {
    const actions = this.#actions ?? (await whileBusy(row, this.#load()));
    // Without the code, a row has no button for an action but Disconnect.
    this.#failedKey = actions ? undefined : key;
    actions?.act(action, key);
    this.#host.requestUpdate();
  }

  /** Somebody is about to act. If the code can't be had, the click will report that. */
  #prefetch(): void {
    this.#loading ??= this.#import();
  }

  /** @returns undefined if the code can't be had, which has been reported then. The next call tries again. */
  #load(): Promise<ListActions | undefined> {
    this.#isWanted = true;
    return (this.#loading ??= this.#import());
  }

  async #import(): Promise<ListActions | undefined> {
    const options = this.#options;
    try {
      const { ListActions } = await loadListActions();
      this.#actions = new ListActions(this.#host, options);
    } catch (cause) {
      this.#loading = undefined;
      if (this.#isWanted) options.connect.reportError(filesUnavailable(cause));
      this.#isWanted = false;
      return undefined;
    }
    for (const act of this.#missed.splice(0)) act(this.#actions);
    return this.#actions;
  }

  /** Any element or tab has stored or disconnected a connection. */
  #onSettled = (event: Event): void => {
    this.run(({ writes }) => writes.onSettled(event as SettledEvent));
  };

  #onPageEvent = (event: Event): void => {
    // An event has no path any more once it has been dispatched.
    const [source] = event.composedPath() as [EventTarget];
    if (event.type === 'pica-success') this.run(({ writes }) => writes.onSuccess(event, source));
    else if (event.type === 'pica-open') this.#prefetch();
    else {
      // The event may come from another version, or from a script.
      const { error } = (event as Partial<PicaErrorEvent>).detail ?? {};
      if (error?.code === 'save-failed') this.run(({ writes }) => writes.onError(error, source));
    }
  };
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
