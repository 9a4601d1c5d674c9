import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { type SettledEvent, storing } from '../endpoints/settled.js';
import type { PicaErrorEvent } from '../events.js';
import { inheritNothing } from '../hardening/prototype-pollution.js';
import { safeDocument } from '../hardening/safe-document.js';
import { loadListActions } from '../lazy.js';
import type { ListActions } from './list-actions.js';

type Act = (actions: ListActions) => void;

export interface ActionsListener {
  create: (module: Awaited<ReturnType<typeof loadListActions>>) => ListActions;
  onUnavailable: (cause: unknown) => void;
}

const eventNames = ['pica-open', 'pica-success', 'pica-error'] as const;

/**
 * Loads what a list needs only once somebody acts: a user of this list, or another element of the page, which may connect
 * an account. What happens before that is kept, and is handled as soon as the code is there.
 */
export class ActionsLoader implements ReactiveController {
  static {
    inheritNothing(this);
  }

  readonly #listener: ActionsListener;
  #loaded: ListActions | undefined;
  #loading: Promise<ListActions | undefined> | undefined;
  #missed: Act[] = [];
  /** Whether something waits for the code, so that its absence has to be reported. */
  #isWanted = false;

  constructor(host: ReactiveControllerHost, listener: ActionsListener) {
    this.#listener = listener;
    host.addController(this);
  }

  /** Undefined until the code has loaded. */
  get loaded(): ListActions | undefined {
    return this.#loaded;
  }

  /** Undefined while nothing has asked for the code. */
  get loading(): Promise<unknown> | undefined {
    return this.#loading;
  }

  hostConnected(): void {
    for (const name of eventNames) safeDocument.addEventListener(name, this.#onEvent);
    storing.addEventListener('settled', this.#onSettled);
  }

  hostDisconnected(): void {
    for (const name of eventNames) safeDocument.removeEventListener(name, this.#onEvent);
    storing.removeEventListener('settled', this.#onSettled);
  }

  /** Somebody is about to act. If the code can't be had, the click will report that. */
  prefetch(): void {
    this.#loading ??= this.#load();
  }

  /** @returns undefined if the code can't be had, which has been reported then. The next call tries again. */
  load(): Promise<ListActions | undefined> {
    this.#isWanted = true;
    return (this.#loading ??= this.#load());
  }

  /** Calls back now or, without the code, once it has loaded. */
  run(act: Act): void {
    if (this.#loaded) act(this.#loaded);
    else {
      this.#missed.push(act);
      void this.load();
    }
  }

  /** Forgets what has happened: it belongs to another endpoint or user. */
  reset(): void {
    this.#missed = [];
    this.#loaded?.writes.reset();
  }

  async #load(): Promise<ListActions | undefined> {
    const { create, onUnavailable } = this.#listener;
    try {
      this.#loaded = create(await loadListActions());
    } catch (cause) {
      this.#loading = undefined;
      if (this.#isWanted) onUnavailable(cause);
      this.#isWanted = false;
      return undefined;
    }
    for (const act of this.#missed.splice(0)) act(this.#loaded);
    return this.#loaded;
  }

  /** Any element or tab has stored or disconnected a connection. */
  #onSettled = (event: Event): void => {
    this.run(({ writes }) => writes.onSettled(event as SettledEvent));
  };

  #onEvent = (event: Event): void => {
    // The event may come from another version, or from a script. Its path is gone once it has been dispatched.
    const [source] = event.composedPath() as [EventTarget];
    if (event.type === 'pica-success') this.run(({ writes }) => writes.onSuccess(event, source));
    else if (event.type === 'pica-open') this.prefetch();
    else {
      const { error } = (event as Partial<PicaErrorEvent>).detail ?? {};
      if (error?.code === 'save-failed') this.run(({ writes }) => writes.onError(error, source));
    }
  };
}
