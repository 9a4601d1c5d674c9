import { warn } from './log.js';
import { dictionary } from './own.js';
import { PicaConnectButton } from './pica-connect-button.js';
import { PicaConnectionsList } from './pica-connections-list.js';
import { safeDocument } from './safe-document.js';

const mark = 'data-pica-connect';

const tags = new Map([
  ['button', 'pica-connect-button'],
  ['list', 'pica-connections-list'],
]);

const attributes = [
  ...PicaConnectButton.observedAttributes,
  ...PicaConnectionsList.observedAttributes,
].map((name) => `data-${name}`);

const refused = new Set<string>();

/**
 * Fills placeholders, `<div data-pica-connect="button" data-token-url="…">`, with the element they name: those that
 * are in the page, and those that come. For sites whose editor strips tags that it does not know.
 *
 * The element goes into its placeholder and not in its place. So the site's styles go on to match, scripts that hold
 * the placeholder or listen on it keep it, a framework can take away what it has made, and an editor that saves its
 * page without the element has saved the placeholder.
 */
export function fillPlaceholders(): void {
  // The parser would put a label that is still to come beside the element and not into it.
  if (safeDocument.readyState === 'loading') {
    safeDocument.addEventListener('DOMContentLoaded', fillPlaceholders);
    return;
  }
  new MutationObserver(onMutations).observe(
    document,
    dictionary({
      subtree: true,
      childList: true,
      attributeFilter: [mark, ...attributes],
    }),
  );
  fillAllIn(safeDocument);
}

function onMutations(records: MutationRecord[]): void {
  for (const { target, addedNodes, attributeName } of records) {
    // What a script writes into a placeholder, as `textContent` for one, takes the element's place.
    if (attributeName || addedNodes.length > 0) fill(target, attributeName);
    addedNodes.forEach(fillAllIn);
  }
}

function fillAllIn(node: Node): void {
  fill(node);
  (node as Partial<Element>).querySelectorAll?.(`[${mark}]`).forEach((found) => fill(found));
}

/** @param changed the attribute that the element takes over where it is there already. */
function fill(node: Node, changed?: string | null): void {
  const placeholder = node as HTMLElement;
  const kind = (placeholder as Partial<Element>).getAttribute?.(mark)?.toLowerCase();
  // What is being edited stays text; what went into a shadow tree meanwhile is not the page's.
  if (kind == null || placeholder.isContentEditable || !safeDocument.contains(placeholder)) return;
  const tag = tags.get(kind);
  if (!tag) {
    if (!refused.has(kind)) warn(`Write ${mark}="button" or ${mark}="list", not "${kind}".`);
    refused.add(kind);
    return;
  }
  // A copy of a filled placeholder has its own.
  const present = placeholder.querySelector(tag);
  const element = present ?? safeDocument.createElement(tag);
  for (const attribute of attributes) {
    if (present && attribute !== changed) continue;
    const name = attribute.slice('data-'.length);
    const value = placeholder.getAttribute(attribute);
    // Editors that ask for a value get "false" from people who mean no, and from frameworks.
    if (value === null || value === 'false') element.removeAttribute(name);
    else element.setAttribute(name, value);
  }
  if (present) return;
  for (const child of [...placeholder.childNodes]) {
    // Where text is in paragraphs by itself, as in WordPress, a label is one too. Slots take children only.
    element.append(...(child.nodeName === 'P' ? child.childNodes : [child]));
  }
  for (const child of element.children) {
    const slot = child.getAttribute('data-slot');
    if (slot) child.slot = slot;
  }
  placeOf(placeholder).replaceChildren(element);
}

/** A control in a control cannot be used by everybody, and a link would be followed: for these it is a span. */
function placeOf(placeholder: HTMLElement): HTMLElement {
  if (!placeholder.matches('a,button')) return placeholder;
  const span = safeDocument.createElement('span');
  for (const one of placeholder.attributes) span.setAttributeNode(one.cloneNode() as Attr);
  placeholder.replaceWith(span);
  return span;
}
