import { dictionary } from '../hardening/own.js';
import { followPageDefaults } from '../connect/page-defaults.js';
import { PicaConnectButton } from '../connect-button/connect-button.js';
import { PicaConnectionsList } from '../connections-list/connections-list.js';
import { allowOrigins, judge, warnOnce } from './placeholder-rules.js';
import { safeDocument } from '../hardening/safe-document.js';

const mark = 'data-pica-connect';

const tags = new Map([
  ['button', 'pica-connect-button'],
  ['list', 'pica-connections-list'],
]);

const names = [
  ...new Set([...PicaConnectButton.observedAttributes, ...PicaConnectionsList.observedAttributes]),
];

/** These keep the value "false", because the page's default may be true and removing the attribute would restore it. */
const sayNo = ['debug', 'show-name-input'];

/** Set as soon as one copy of this package fills the page's placeholders. */
const filling = Symbol.for('pica-connect.placeholders');

/**
 * Fills placeholders, `<div data-pica-connect="button" data-selected-connection="Gmail">`, with the element they name:
 * those already in the page, and those added later. For sites whose editor strips unknown tags.
 *
 * The element goes into its placeholder and does not replace it. So the site's styles still match, scripts that refer
 * to the placeholder or listen on it still work, a framework can remove what it has made, and an editor that strips
 * the element when it saves the page has still saved the placeholder.
 * @param origins the script tag's `data-placeholders`; with null, no placeholder is filled.
 */
export function fillPlaceholders(origins: string | null): void {
  // The parser would put the rest of a label after the element and not into it.
  if (safeDocument.readyState === 'loading') {
    safeDocument.addEventListener('DOMContentLoaded', () => {
      fillPlaceholders(origins);
    });
    return;
  }
  if (Reflect.has(globalThis, filling)) return;
  if (origins === null) {
    // Later, because another script tag may have the attribute.
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
  // The page's addresses decide which placeholders are allowed.
  followPageDefaults(() => fillAll);
  fillAll();
}

function warnUnlessFilling(): void {
  if (Reflect.has(globalThis, filling)) return;
  warnOnce(
    `Placeholders stay text. Write the origins that they may talk to into the script tag, as data-placeholders="https://api.example.com", or data-placeholders="" for those of its own addresses.`,
  );
}

/** Calls the prototype's method: a field named "querySelectorAll" hides that of its form. */
function placeholdersIn(root: ParentNode): Node[] {
  const selector = `[${mark}]`;
  if (!(root instanceof Element)) return [...root.querySelectorAll(selector)];
  const query: (selector: string) => NodeList = Reflect.get(Element.prototype, 'querySelectorAll');
  return [...Reflect.apply(query, root, [selector])];
}

function onMutations(records: MutationRecord[]): void {
  for (const { target, addedNodes, attributeName } of records) {
    // A script that sets a placeholder's `textContent` has removed its element.
    if (attributeName || addedNodes.length > 0) fill(target, attributeName);
    for (const node of addedNodes) {
      fill(node);
      if (node instanceof Element) placeholdersIn(node).forEach((found) => fill(found));
    }
  }
}

/** What goes wrong with one placeholder must stop neither the others nor a `configure()`. */
function fill(placeholder: Node, changed?: string | null): void {
  try {
    fillOne(placeholder, changed);
  } catch (error) {
    warnOnce(`A placeholder stays text: ${String(error)}`);
  }
}

/** @param changed the attribute to update if the placeholder already has its element. */
function fillOne(placeholder: Node, changed?: string | null): void {
  if (!(placeholder instanceof HTMLElement)) return;
  // A parser gives the page's own element the attributes of a second <html> or <body>.
  if (Element.prototype.matches.call(placeholder, 'html,head,body,form')) return;
  const kind = placeholder.getAttribute(mark)?.toLowerCase();
  // Not while it is being edited, nor if it has been moved into a shadow tree.
  if (kind == null || placeholder.isContentEditable || placeholder.getRootNode() !== document)
    return;
  const tag = tags.get(kind);
  if (!tag) {
    warnOnce(`Write ${mark}="button" or ${mark}="list", not "${kind}".`);
    return;
  }
  // A copy of a filled placeholder already has a copy of the element.
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
    // Keep what a script has set on the element, except for what a placeholder must not set.
    if (present && `data-${name}` !== changed && value !== undefined) continue;
    // Some editors require a value, and people and frameworks write "false" for no.
    if (value == null || (value === 'false' && !sayNo.includes(name)))
      element.removeAttribute(name);
    else element.setAttribute(name, value);
  }
  if (present) return;
  for (const child of [...placeholder.childNodes]) {
    // Some editors, such as WordPress', put every text into a paragraph, but slots take only direct children.
    element.append(...(child.nodeName === 'P' ? child.childNodes : [child]));
  }
  for (const child of element.children) {
    // Not its own methods: a form's fields shadow them.
    const slot = Element.prototype.getAttribute.call(child, 'data-slot');
    if (slot) Element.prototype.setAttribute.call(child, 'slot', slot);
  }
  placeOf(placeholder).replaceChildren(element);
}

/** Replaces a link or a button by a span: nested controls are not accessible, and a click would follow the link. */
function placeOf(placeholder: HTMLElement): HTMLElement {
  if (!placeholder.matches('a,button')) return placeholder;
  const span = safeDocument.createElement('span');
  for (const one of placeholder.attributes) span.setAttributeNode(one.cloneNode() as Attr);
  placeholder.replaceWith(span);
  return span;
}
