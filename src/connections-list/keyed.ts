import { type ChildPart, noChange, type TemplateResult } from 'lit';
import { Directive, directive } from 'lit/directive.js';
import {
  getCommittedValue,
  insertPart,
  removePart,
  setChildPartValue,
  setCommittedValue,
} from 'lit/directive-helpers.js';

type Keyed = readonly [key: string, template: TemplateResult];

/**
 * Rows by their keys, of which there is one each: those that stay keep their nodes.
 *
 * Not Lit's `repeat`, which leaves a comment behind for each row that goes, for good (lit-html 3.3.3,
 * https://github.com/lit/lit/issues/5010). With each further row that goes Chromium 156 passes over all of
 * them, so that the same part of ten times the rows took forty times as long to go.
 */
class KeyedDirective extends Directive {
  #keys: string[] = [];

  render(rows: readonly Keyed[]): TemplateResult[] {
    this.#keys = rows.map(([key]) => key);
    return rows.map(([, template]) => template);
  }

  override update(container: ChildPart, [rows]: [readonly Keyed[]]) {
    const committed = getCommittedValue(container);
    const before = new Map<string, ChildPart>();
    if (Array.isArray(committed)) {
      for (const [index, key] of this.#keys.entries())
        before.set(key, committed[index] as ChildPart);
    }
    const templates = this.render(rows);
    // The first ones are made by Lit itself.
    if (before.size === 0) return templates;

    const keys = new Set(this.#keys);
    const staying: ChildPart[] = [];
    for (const [key, part] of before) {
      if (keys.has(key)) staying.push(part);
      else removeWhole(part);
    }
    const placed = new Set<ChildPart | undefined>();
    // In front of which the next one comes.
    let next = 0;
    const parts = this.#keys.map((key, index) => {
      while (placed.has(staying.at(next))) next += 1;
      let part = before.get(key);
      // The one that would be next goes further down, and all others stay where they are.
      if (part && part === staying.at(next + 1)) next += 1;
      // By `at`, as an index past the end would be looked for on the prototype.
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

/** With the comment at its end. */
function removeWhole(part: ChildPart): void {
  const endNode = part.endNode as ChildNode | null;
  removePart(part);
  endNode?.remove();
}

export const keyed = directive(KeyedDirective);
