import { type ChildPart, noChange, type TemplateResult } from 'lit';
import { Directive, directive } from 'lit/directive.js';
import { copyOf, modelOf, patch, type RowModel } from './row-model.js';

export interface KeyedRow {
  /** Unique among the rows. */
  key: string;
  /** Everything that the row shows. If nothing of it has changed, the row is not rendered again. */
  shown: readonly unknown[];
  render: () => TemplateResult;
}

interface RenderedRow {
  element: Element;
  shown: readonly unknown[];
}

/**
 * Renders rows by key, so that a row keeps its nodes when other rows come and go. The parent must have no other
 * elements. For the templates of rows, see `RowModel`.
 */
class RepeatByKey extends Directive {
  readonly #models = new Map<TemplateStringsArray, RowModel>();
  #rendered: Map<string, RenderedRow> | undefined;

  /** Only servers call this. */
  render(rows: readonly KeyedRow[]): TemplateResult[] {
    return rows.map((row) => row.render());
  }

  override update(container: ChildPart, [rows]: [readonly KeyedRow[]]) {
    const parent = container.parentNode as Element;
    const before = this.#rendered;
    this.#rendered = new Map();
    if (!before && parent.firstElementChild) return this.#hydrate([...parent.children], rows);

    const keys = new Set(rows.map(({ key }) => key));
    for (const [key, { element }] of before ?? []) {
      if (!keys.has(key)) element.remove();
    }
    // The row that the next one is placed in front of.
    let next = parent.firstElementChild;
    for (const row of rows) {
      const rowBefore = before?.get(row.key);
      const element = this.#render(row, rowBefore);
      // The row at `next` has moved down the list: skip it, so that the others don't have to move.
      if (rowBefore && next?.nextElementSibling === element) next = element;
      if (next === element) next = element.nextElementSibling;
      else parent.insertBefore(element, next);
      this.#rendered.set(row.key, { element, shown: row.shown });
    }
    return noChange;
  }

  /** Lets Lit take over the rows that a server has rendered. */
  #hydrate(elements: readonly Element[], rows: readonly KeyedRow[]): TemplateResult[] {
    for (const [index, { key, shown }] of rows.entries()) {
      const element = elements.at(index);
      if (element) this.#rendered?.set(key, { element, shown });
    }
    return this.render(rows);
  }

  #render(row: KeyedRow, before: RenderedRow | undefined): Element {
    if (before?.shown.every((value, index) => value === row.shown.at(index))) return before.element;
    const { element } = modelOf(row.render(), this.#models);
    return before ? patch(before.element, element) : copyOf(element);
  }
}

export const repeatByKey = directive(RepeatByKey);
