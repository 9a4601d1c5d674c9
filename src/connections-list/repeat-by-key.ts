import { type ChildPart, noChange, type TemplateResult } from 'lit';
import { Directive, directive } from 'lit/directive.js';
import {
  getCommittedValue,
  insertPart,
  removePart,
  setChildPartValue,
  setCommittedValue,
} from 'lit/directive-helpers.js';

type KeyedRow = readonly [key: string, template: TemplateResult];

/**
 * Renders rows by key, so that a row keeps its nodes when other rows come and go. Keys must be unique.
 *
 * Replaces Lit's `repeat`, which never removes the comment node at the end of a removed row (lit-html 3.3.3,
 * https://github.com/lit/lit/issues/5010). Chromium 156 walks over all these comments for each further removal: with ten
 * times the rows, removing the same share of them took forty times as long.
 */
class RepeatByKey extends Directive {
  #keys: string[] = [];

  render(rows: readonly KeyedRow[]): TemplateResult[] {
    this.#keys = rows.map(([key]) => key);
    return rows.map(([, template]) => template);
  }

  override update(container: ChildPart, [rows]: [readonly KeyedRow[]]) {
    const committed = getCommittedValue(container);
    const before = new Map<string, ChildPart>();
    if (Array.isArray(committed)) {
      for (const [index, key] of this.#keys.entries())
        before.set(key, committed[index] as ChildPart);
    }
    const templates = this.render(rows);
    // Lit renders the first rows faster by itself.
    if (before.size === 0) return templates;

    const keys = new Set(this.#keys);
    const staying: ChildPart[] = [];
    for (const [key, part] of before) {
      if (keys.has(key)) staying.push(part);
      else removeWithComment(part);
    }
    const placed = new Set<ChildPart | undefined>();
    // Index of the staying part that the next row is placed in front of.
    let next = 0;
    const parts = this.#keys.map((key, index) => {
      while (placed.has(staying.at(next))) next += 1;
      let part = before.get(key);
      // The part at `next` has moved down the list: skip it, so that the others don't have to move.
      if (part && part === staying.at(next + 1)) next += 1;
      // Not by index: past the end, that would look on a polluted prototype.
      const reference = staying.at(next);
      if (!part) part = insertPart(container, reference);
      else if (part !== reference) insertPart(container, reference, part);
      placed.add(part);
      return setChildPartValue(part, templates[index]);
    });
    setCommittedValue(container, parts);
    return noChange;
  }
}

/** Removes a part and the comment node at its end. */
function removeWithComment(part: ChildPart): void {
  const endNode = part.endNode as ChildNode | null;
  removePart(part);
  endNode?.remove();
}

export const repeatByKey = directive(RepeatByKey);
