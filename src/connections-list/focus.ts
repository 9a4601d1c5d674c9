import type { LitElement, ReactiveController } from 'lit';
import { inheritNothing } from '../hardening/prototype-pollution.js';
import type { Action } from './row.js';
import { safeDocument } from '../hardening/safe-document.js';

/** The focused element before an update, and the neighbors of its row. */
interface FocusBefore {
  active: Element;
  key: string | undefined;
  next: Element | null | undefined;
  previous: Element | null | undefined;
}

/** Keeps the focus in the list when rows move or disappear. */
export class ListFocus implements ReactiveController {
  static {
    inheritNothing(this);
  }

  readonly #host: LitElement;
  #before: FocusBefore | undefined;

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

  /**
   * Restores a lost focus: to the element, if that has only moved. Otherwise to its row, to the next row, to the previous
   * row, or to the heading.
   */
  hostUpdated(): void {
    const before = this.#before;
    this.#before = undefined;
    if (!before || !this.#isFocusLost) return;
    if (before.active.isConnected) {
      (before.active as HTMLElement).focus();
      return;
    }
    const own = before.key === undefined ? undefined : this.#rowOf(before.key);
    const row = own ?? [before.next, before.previous].find((other) => other?.isConnected);
    if (row) this.#focusRow(row as HTMLElement, 'ask');
    else this.moveToHeading();
  }

  /** The key of the row that contains `target`. */
  keyOf(target: EventTarget | null): string | undefined {
    return (target as Element | null)?.closest<HTMLElement>('[data-key]')?.dataset.key;
  }

  isIn(key: string): boolean {
    return this.keyOf(this.#root?.activeElement ?? null) === key;
  }

  /** Focuses a button of a row after the next render. */
  async moveTo(key: string, action: Action): Promise<void> {
    await this.#host.updateComplete;
    const row = this.#rowOf(key);
    if (row) this.#focusRow(row, action);
  }

  /** Focuses Disconnect again after a failure, unless the user has moved the focus elsewhere. */
  async returnTo(key: string): Promise<void> {
    await this.#host.updateComplete;
    if (this.isIn(key) || this.#isFocusLost) await this.moveTo(key, 'ask');
  }

  /** Focuses the row of a new connection, if the button that opened AuthKit is gone. */
  async moveToNew(key: string): Promise<void> {
    await this.#host.updateComplete;
    const row = this.#rowOf(key);
    if (row && (this.#isFocusLost || this.#root?.activeElement === this.#heading))
      this.#focusRow(row);
  }

  async moveToSearch(): Promise<void> {
    await this.#host.updateComplete;
    const field = this.#root?.querySelector<HTMLElement>('input[type="search"]');
    (field ?? this.#heading)?.focus();
  }

  moveToHeading(options?: FocusOptions): void {
    this.#heading?.focus(options);
  }

  /** Whether the focused element has disappeared. */
  get #isFocusLost(): boolean {
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

  /** Focuses a button of a row, or the row itself if it has no such button. */
  #focusRow(row: HTMLElement, action?: Action): void {
    const button = action && row.querySelector<HTMLElement>(`[data-action="${action}"]`);
    if (!button) row.tabIndex = -1;
    (button ?? row).focus();
  }
}
