import type { LitElement } from 'lit';
import type { Action } from './row.js';

/** Keeps the focus where it makes sense while rows change below it. */
export class ListFocus {
  readonly #host: LitElement;

  constructor(host: LitElement) {
    this.#host = host;
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
    this.#rows
      .find(({ dataset }) => dataset.key === key)
      ?.querySelector<HTMLElement>(`[data-action="${action}"]`)
      ?.focus();
  }

  /** Goes on to the row after one that is about to go, or before it, or to the heading. */
  async leave(key: string): Promise<void> {
    const rows = this.#rows;
    const index = rows.findIndex(({ dataset }) => dataset.key === key);
    // Who has gone elsewhere meanwhile is left there.
    if (!this.isNowhere && !this.isIn(key)) return;
    const next = (rows[index + 1] ?? rows[index - 1])?.dataset.key;
    await this.#host.updateComplete;
    if (next !== undefined) await this.moveTo(next, 'ask');
    else this.toHeading();
  }

  /** Whether what had the focus is gone. */
  get isNowhere(): boolean {
    const { activeElement } = document;
    const isHost = activeElement === this.#host;
    return (
      !activeElement || activeElement === document.body || (isHost && !this.#root?.activeElement)
    );
  }

  /** Goes to the heading when what had the focus is gone. */
  async keep(): Promise<void> {
    await this.#host.updateComplete;
    if (this.isNowhere) this.toHeading();
  }

  toHeading(options?: FocusOptions): void {
    this.#root?.querySelector<HTMLElement>('.heading')?.focus(options);
  }

  get #root(): ShadowRoot | null {
    return this.#host.shadowRoot;
  }

  get #rows(): HTMLElement[] {
    return [...(this.#root?.querySelectorAll<HTMLElement>('[data-key]') ?? [])];
  }
}
