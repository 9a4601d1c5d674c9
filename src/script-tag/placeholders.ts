import { dictionary } from '../hardening/prototype-pollution.js';
import { followPageDefaults } from '../connect/page-defaults.js';
import { PicaConnectButton } from '../connect-button/connect-button.js';
import { PicaConnectionsList } from '../connections-list/connections-list.js';
import { allowOrigins, checkValues, warnAboutPlaceholder } from './placeholder-rules.js';
import { safeDocument } from '../hardening/safe-document.js';

const kindAttribute = 'data-pica-connect';

const tags = new Map([
  ['button', 'pica-connect-button'],
  ['list', 'pica-connections-list'],
]);

const names = [
  ...new Set([...PicaConnectButton.observedAttributes, ...PicaConnectionsList.observedAttributes]),
];

/** These keep the value "false". Without the attribute they would get the page's default, which may be true. */
const keepsFalse = ['debug', 'show-name-input'];

/** The global property that is set once a copy of this package upgrades the page's placeholders. */
const upgradingKey = Symbol.for('pica-connect.placeholders');

/**
 * Upgrades placeholders, such as `<div data-pica-connect="button" data-selected-connection="Gmail">`: those already in the
 * page, and those added later. They are for sites whose editor strips unknown tags.
 *
 * The element is put into its placeholder and does not replace it. The site's styles still match, scripts that refer to
 * the placeholder or listen on it still work, and a framework can remove what it rendered. If an editor strips the
 * element when it saves the page, the placeholder is still there.
 * @param origins the script tag's `data-placeholders`. Null upgrades nothing.
 */
export function upgradePlaceholders(origins: string | null): void {
  // While a placeholder is being parsed, the parser would put the rest of its label after the element.
  if (safeDocument.readyState === 'loading') {
    safeDocument.addEventListener('DOMContentLoaded', () => {
      upgradePlaceholders(origins);
    });
    return;
  }
  if (Reflect.has(globalThis, upgradingKey)) return;
  if (origins === null) {
    // Wait, because another script tag may have the attribute.
    if (placeholdersIn(safeDocument).length > 0) setTimeout(warnUnlessUpgrading);
    return;
  }
  Reflect.set(globalThis, upgradingKey, true);
  allowOrigins(origins);
  new MutationObserver(onMutations).observe(
    document,
    dictionary({
      subtree: true,
      childList: true,
      attributeFilter: [kindAttribute, ...names.map((name) => `data-${name}`)],
    }),
  );
  const upgradeAll = () => {
    for (const placeholder of placeholdersIn(safeDocument)) tryToUpgrade(placeholder);
  };
  // The page's own URLs decide which placeholders are allowed.
  followPageDefaults(() => upgradeAll);
  upgradeAll();
}

function warnUnlessUpgrading(): void {
  if (Reflect.has(globalThis, upgradingKey)) return;
  warnAboutPlaceholder(
    `Placeholders stay text. Add the origins that they may use to the script tag, as data-placeholders="https://api.example.com". data-placeholders="" allows only the origins of its own URLs.`,
  );
}

/** Calls the prototype's method, because a field named "querySelectorAll" shadows its form's own. */
function placeholdersIn(root: ParentNode): Node[] {
  const selector = `[${kindAttribute}]`;
  if (!(root instanceof Element)) return [...root.querySelectorAll(selector)];
  const query: (selector: string) => NodeList = Reflect.get(Element.prototype, 'querySelectorAll');
  return [...Reflect.apply(query, root, [selector])];
}

function onMutations(records: MutationRecord[]): void {
  for (const { target, addedNodes, attributeName } of records) {
    // A script that sets a placeholder's `textContent` removes its element.
    if (attributeName || addedNodes.length > 0) tryToUpgrade(target, attributeName);
    for (const node of addedNodes) {
      tryToUpgrade(node);
      if (node instanceof Element) placeholdersIn(node).forEach((found) => tryToUpgrade(found));
    }
  }
}

/** An error in one placeholder must stop neither the others nor `configure()`. */
function tryToUpgrade(placeholder: Node, changed?: string | null): void {
  try {
    upgrade(placeholder, changed);
  } catch (error) {
    warnAboutPlaceholder(`A placeholder stays text: ${String(error)}`);
  }
}

/** @param changed the attribute to update if the placeholder already has its element. */
function upgrade(placeholder: Node, changed?: string | null): void {
  if (!(placeholder instanceof HTMLElement)) return;
  // The parser copies the attributes of a second <html> or <body> to the page's own.
  if (Element.prototype.matches.call(placeholder, 'html,head,body,form')) return;
  const kind = placeholder.getAttribute(kindAttribute)?.toLowerCase();
  // Leave a placeholder alone while it is being edited, and if it has been moved into a shadow tree.
  if (kind == null || placeholder.isContentEditable || placeholder.getRootNode() !== document)
    return;
  const tag = tags.get(kind);
  if (!tag) {
    warnAboutPlaceholder(
      `Write ${kindAttribute}="button" or ${kindAttribute}="list", not "${kind}".`,
    );
    return;
  }
  // A clone of an upgraded placeholder already contains a clone of the element.
  const present = placeholder.querySelector(tag);
  const values = checkValues(
    new Map(names.map((name) => [name, placeholder.getAttribute(`data-${name}`)])),
  );
  if (typeof values === 'string') {
    warnAboutPlaceholder(values);
    present?.replaceWith(...present.childNodes);
    return;
  }
  const element = present ?? new (customElements.get(tag) ?? HTMLElement)();
  for (const [name, value] of values) {
    // Keep attributes that a script has set on the element, except those that a placeholder must not set.
    if (present && `data-${name}` !== changed && value !== undefined) continue;
    // Some editors require a value, so people write "false" for a boolean attribute, and frameworks do too.
    if (value == null || (value === 'false' && !keepsFalse.includes(name)))
      element.removeAttribute(name);
    else element.setAttribute(name, value);
  }
  if (present) return;
  for (const child of [...placeholder.childNodes]) {
    // Some editors, such as WordPress's, put all text into paragraphs, but slots take only direct children.
    element.append(...(child.nodeName === 'P' ? child.childNodes : [child]));
  }
  for (const child of element.children) {
    // A form's fields can shadow its own methods.
    const slot = Element.prototype.getAttribute.call(child, 'data-slot');
    if (slot) Element.prototype.setAttribute.call(child, 'slot', slot);
  }
  containerFor(placeholder).replaceChildren(element);
}

/** Replaces a link or a button with a span: nested controls are not accessible, and a click would follow the link. */
function containerFor(placeholder: HTMLElement): HTMLElement {
  if (!placeholder.matches('a,button')) return placeholder;
  const span = safeDocument.createElement('span');
  for (const attribute of placeholder.attributes) {
    span.setAttributeNode(attribute.cloneNode() as Attr);
  }
  placeholder.replaceWith(span);
  return span;
}
