import { nothing, render, type TemplateResult } from 'lit';
import { dictionary } from '../hardening/prototype-pollution.js';
import { safeDocument } from '../hardening/safe-document.js';

/** The place of an expression in a template. */
interface Slot {
  index: number;
  node: ChildNode;
  /** The name of the attribute, if the expression is one. */
  attribute: string | undefined;
  value: unknown;
  /** For the templates that have been in this place. */
  models: Map<TemplateStringsArray, RowModel>;
}

const isTemplate = (value: unknown): value is TemplateResult => typeof value === 'object';

/**
 * An element that rows are cloned from. It takes the values of one row after the other, so only what differs between two
 * rows is set. Unlike Lit, it leaves no comments at expressions, which are half of the nodes of a row.
 *
 * A row's template has one root element. Each expression is the only one of an attribute, and a string, or a child: a
 * string, `nothing`, or a template with one root element.
 */
export class RowModel {
  readonly element: HTMLElement;
  readonly #slots: Slot[] = [];

  constructor({ values, ...template }: TemplateResult) {
    const markers = values.map((_, index) => `{${index}}`);
    // A template's document loads no images: not every browser waits for `loading="lazy"` outside the page.
    const { content: fragment } = safeDocument.createElement('template');
    const creationScope = fragment.ownerDocument;
    render({ ...template, values: markers }, fragment, dictionary({ creationScope }));
    this.element = fragment.firstElementChild as HTMLElement;
    const add = (value: string, node: ChildNode, attribute?: string) => {
      const index = markers.indexOf(value);
      if (index < 0) return;
      this.#slots.push({ index, node, attribute, value, models: new Map() });
    };
    for (const node of nodesIn(this.element)) {
      if (node instanceof Comment) node.remove();
      else if (node instanceof Text) add(node.data, node);
      else if (node instanceof Element) {
        for (const { name, value } of node.attributes) add(value, node, name);
      }
    }
  }

  update({ values }: TemplateResult): void {
    for (const slot of this.#slots) {
      const value = values[slot.index];
      if (value === slot.value) continue;
      slot.value = value;
      if (slot.attribute) (slot.node as Element).setAttribute(slot.attribute, value as string);
      else setChild(slot, value);
    }
  }
}

function setChild(slot: Slot, value: unknown): void {
  const text = value === nothing ? '' : (value as string);
  if (slot.node instanceof Text && !isTemplate(value)) {
    slot.node.data = text;
    return;
  }
  const node = isTemplate(value) ? modelOf(value, slot.models).element : new Text(text);
  if (node === slot.node) return;
  slot.node.replaceWith(node);
  slot.node = node;
}

/** Returns the model for a template, with the values of this one. */
export function modelOf(
  template: TemplateResult,
  models: Map<TemplateStringsArray, RowModel>,
): RowModel {
  let model = models.get(template.strings);
  if (!model) models.set(template.strings, (model = new RowModel(template)));
  model.update(template);
  return model;
}

/** Copies a model into the page. */
export const copyOf = <N extends Node>(model: N): N => safeDocument.importNode(model, true);

/**
 * Makes a row look like the model. Keeps the nodes that are the same, so that they keep the focus, and attributes that
 * the model doesn't have.
 * @returns the row, or the copy that had to replace it.
 */
export function patch<N extends ChildNode>(node: N, model: N): N {
  const children = contentOf(node);
  const modelChildren = contentOf(model);
  if (node.nodeName !== model.nodeName || children.length !== modelChildren.length) {
    const copy = copyOf(model);
    node.replaceWith(copy);
    return copy;
  }
  if (node.nodeValue !== model.nodeValue) node.nodeValue = model.nodeValue;
  if (node instanceof Element && model instanceof Element) {
    for (const { name, value } of model.attributes) {
      if (node.getAttribute(name) !== value) node.setAttribute(name, value);
    }
  }
  for (const [index, child] of children.entries()) {
    const modelChild = modelChildren.at(index);
    if (modelChild) patch(child, modelChild);
  }
  return node;
}

/** The child nodes without the comments and without empty texts, which rows from a server have in other places. */
const contentOf = (node: ChildNode): ChildNode[] =>
  [...node.childNodes].filter((child) => !(child instanceof Comment) && child.nodeValue !== '');

function nodesIn(element: Element): ChildNode[] {
  const children = [...element.childNodes];
  return [
    element,
    ...children.flatMap((child) => (child instanceof Element ? nodesIn(child) : child)),
  ];
}
