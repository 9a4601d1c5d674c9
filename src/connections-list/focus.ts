import type { LitElement, ReactiveController } from 'lit';
import { inheritNothing } from '../hardening/own.js';
import type { Action } from './row.js';
import { safeDocument } from '../hardening/safe-document.js';

/** What had the focus before an update, and what is next to its row. */
interface Before {
  active: Element;
  key: string | undefined;
  next: Element | null | undefined;
  previous: Element | null | undefined;
}

/** Keeps the focus where it makes sense while rows change below it. */
export class ListFocus implements ReactiveController {
  static {
    inheritNothing(this);
  }

  readonly #host: LitElement;
  #before: Before | undefined;

  constructor(host: LitElement) {
    this.#host = host;
    host.addController(this);
  }

  hostUpdate(): void {
    const active = this.#root?.activeElement;
    const row = active?.closest<HTMLElement>('[data-key]');
    this.#before = active
      ? {
          active,
          key: row?.dataset.key,
          next: row?.nextElementSibling,
          previous: row?.previousElementSibling,
        }
      : undefined;
  }

  /** What was moved with the focus in it has that again; what was rendered away hands it on: in its row, or to the next. */
  hostUpdated(): void {
    const before = this.#before;
    this.#before = undefined;
    if (!before || !this.#isNowhere) return;
    if (before.active.isConnected) {
      (before.active as HTMLElement).focus();
      return;
    }
    const own = before.key === undefined ? undefined : this.#rowOf(before.key);
    const row = own ?? [before.next, before.previous].find((other) => other?.isConnected);
    if (row) this.#enter(row as HTMLElement, 'ask');
    else this.toHeading();
  }

  /** The key of the row that `target` is in. */
  keyOf(target: EventTarget | null): string | undefined {
    return (target as Element | null)?.closest<HTMLElement>('[data-key]')?.dataset.key;
  }

  isIn(key: string): boolean {
    return this.keyOf(this.#root?.activeElement ?? null) === key;
  }

  /** Goes to a button of a row, once that has been rendered. */
  async moveTo(key: string, action: Action): Promise<void> {
    await this.#host.updateComplete;
    const row = this.#rowOf(key);
    if (row) this.#enter(row, action);
  }

  /** Goes to Disconnect again, unless the user has gone elsewhere meanwhile. */
  async backTo(key: string): Promise<void> {
    await this.#host.updateComplete;
    if (this.isIn(key) || this.#isNowhere) await this.moveTo(key, 'ask');
  }

  /** Goes to the row of a connection that was just made, when the button that asked for it is gone. */
  async arriveAt(key: string): Promise<void> {
    await this.#host.updateComplete;
    const row = this.#rowOf(key);
    if (row && (this.#isNowhere || this.#root?.activeElement === this.#heading)) this.#enter(row);
  }

  async toSearch(): Promise<void> {
    await this.#host.updateComplete;
    const field = this.#root?.querySelector<HTMLElement>('input[type="search"]');
    (field ?? this.#heading)?.focus();
  }

  toHeading(options?: FocusOptions): void {
    this.#heading?.focus(options);
  }

  /** Whether what had the focus is gone. */
  get #isNowhere(): boolean {
    const { activeElement, body } = safeDocument;
    const isHost = activeElement === this.#host;
    return !activeElement || activeElement === body || (isHost && !this.#root?.activeElement);
  }

  get #root(): ShadowRoot | null {
    return this.#host.shadowRoot;
  }

  get #heading(): HTMLElement | null | undefined {
    return this.#root?.querySelector<HTMLElement>('.heading');
  }

  #rowOf(key: string): HTMLElement | undefined {
    const rows = this.#root?.querySelectorAll<HTMLElement>('[data-key]') ?? [];
    return [...rows].find(({ dataset }) => dataset.key === key);
  }

  /** Goes to a button of a row, or where there is none to the row itself. */
  #enter(row: HTMLElement, action?: Action): void {
    const button = action && row.querySelector<HTMLElement>(`[data-action="${action}"]`);
    if (!button) row.tabIndex = -1;
    (button ?? row).focus();
  }
}
