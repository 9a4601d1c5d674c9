import { dictionary } from './own.js';
import { followPageDefaults } from './page-defaults.js';
import { PicaConnectButton } from './pica-connect-button.js';
import { PicaConnectionsList } from './pica-connections-list.js';
import { allowOrigins, judge, warnOnce } from './placeholder-rules.js';
import { safeDocument } from './safe-document.js';

const mark = 'data-pica-connect';

const tags = new Map([
  ['button', 'pica-connect-button'],
  ['list', 'pica-connections-list'],
]);

const names = [
  ...new Set([...PicaConnectButton.observedAttributes, ...PicaConnectionsList.observedAttributes]),
];

/** Attributes of which no is said by their value, as the page's default for them may be yes. */
const sayNo = ['debug', 'show-name-input'];

/** Set once a copy of this package fills the placeholders of the page. */
const filling = Symbol.for('pica-connect.placeholders');

/**
 * Fills placeholders, `<div data-pica-connect="button" data-selected-connection="Gmail">`, with the element they name:
 * those that are in the page, and those that come. For sites whose editor strips tags that it does not know.
 *
 * The element goes into its placeholder and not in its place. So the site's styles go on to match, scripts that hold
 * the placeholder or listen on it keep it, a framework can take away what it has made, and an editor that saves its
 * page without the element has saved the placeholder.
 * @param origins `data-placeholders` of the script tag; without it none is filled.
 */
export function fillPlaceholders(origins: string | null): void {
  // The parser would put a label that is still to come beside the element and not into it.
  if (safeDocument.readyState === 'loading') {
    safeDocument.addEventListener('DOMContentLoaded', () => {
      fillPlaceholders(origins);
    });
    return;
  }
  if (Reflect.has(globalThis, filling)) return;
  if (origins === null) {
    // Another tag may say it.
    if (placeholdersIn(safeDocument).length > 0) setTimeout(warnUnlessFilling);
    return;
  }
  Reflect.set(globalThis, filling, true);
  allowOrigins(origins);
  new MutationObserver(onMutations).observe(
    document,
    dictionary({
      subtree: true,
      childList: true,
      attributeFilter: [mark, ...names.map((name) => `data-${name}`)],
    }),
  );
  const fillAll = () => {
    for (const placeholder of placeholdersIn(safeDocument)) fill(placeholder);
  };
  // What was allowed may be allowed no more, and the other way round.
  followPageDefaults(() => fillAll);
  fillAll();
}

function warnUnlessFilling(): void {
  if (Reflect.has(globalThis, filling)) return;
  warnOnce(
    `Placeholders stay text. Write the origins that they may talk to into the script tag, as data-placeholders="https://api.example.com", or data-placeholders="" for those of its own addresses.`,
  );
}

/** Past a field of that name, which hides the method of its form. */
function placeholdersIn(root: ParentNode): Node[] {
  const selector = `[${mark}]`;
  if (!(root instanceof Element)) return [...root.querySelectorAll(selector)];
  const query: (selector: string) => NodeList = Reflect.get(Element.prototype, 'querySelectorAll');
  return [...Reflect.apply(query, root, [selector])];
}

function onMutations(records: MutationRecord[]): void {
  for (const { target, addedNodes, attributeName } of records) {
    // What a script writes into a placeholder, as `textContent` for one, takes the element's place.
    if (attributeName || addedNodes.length > 0) fill(target, attributeName);
    for (const node of addedNodes) {
      fill(node);
      if (node instanceof Element) placeholdersIn(node).forEach((found) => fill(found));
    }
  }
}

/** @param changed the attribute that the element takes over where it is there already. */
function fill(placeholder: Node, changed?: string | null): void {
  if (!(placeholder instanceof HTMLElement) || placeholder instanceof HTMLFormElement) return;
  const kind = placeholder.getAttribute(mark)?.toLowerCase();
  // What is being edited stays text; what went into a shadow tree meanwhile is not the page's.
  if (kind == null || placeholder.isContentEditable || placeholder.getRootNode() !== document)
    return;
  const tag = tags.get(kind);
  if (!tag) {
    warnOnce(`Write ${mark}="button" or ${mark}="list", not "${kind}".`);
    return;
  }
  // A copy of a filled placeholder has its own.
  const present = placeholder.querySelector(tag);
  const permitted = judge(
    new Map(names.map((name) => [name, placeholder.getAttribute(`data-${name}`)])),
  );
  if (typeof permitted === 'string') {
    warnOnce(permitted);
    present?.replaceWith(...present.childNodes);
    return;
  }
  const element = present ?? new (customElements.get(tag) ?? HTMLElement)();
  for (const [name, value] of permitted) {
    // What a script has set in the element stays, but for what a placeholder may not say.
    if (present && `data-${name}` !== changed && value !== undefined) continue;
    // Editors that ask for a value get "false" from people who mean no, and from frameworks.
    if (value == null || (value === 'false' && !sayNo.includes(name)))
      element.removeAttribute(name);
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
