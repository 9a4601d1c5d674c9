import { dictionary } from '../hardening/prototype-pollution.js';
import { safeDocument } from '../hardening/safe-document.js';

/**
 * Calls AuthKit's `open`. `@picahq/authkit` 1.0.10 builds its iframe synchronously, with three globals that don't work for
 * us. They are replaced for the length of this call only:
 *
 * - `btoa` throws at text outside Latin-1. It gets the same JSON with `\uXXXX` for every such character.
 * - `document.body.appendChild` would put the iframe below an open `<dialog>`. It goes into `parent` instead. It can't be
 *   moved there later: browsers without `moveBefore` would load it twice (seen in WebKitGTK 2.50).
 * - `window.addEventListener` would let AuthKit listen to every message, from anywhere. messages.ts listens instead.
 * @param allow the iframe's attribute of this name.
 */
export function openWithOwnGlobals(parent: Element, open: () => void, allow: string): void {
  const encode = globalThis.btoa;
  const restores = [
    replace(globalThis, 'btoa', (json) => encode(toAscii(json))),
    replace(globalThis, 'addEventListener', () => undefined),
    replace(safeDocument.body, 'appendChild', (child) => {
      // Chromium ignores an `allow` that is set after the frame has begun to load.
      if (child instanceof HTMLIFrameElement) child.allow = allow;
      return parent.appendChild(child);
    }),
  ];
  try {
    withoutShadowingNames(open);
  } finally {
    for (const restore of restores) restore();
  }
}

/** @returns restores what the page had set there, or else what the object inherits. */
function replace<T extends object, Name extends keyof T>(
  object: T,
  name: Name,
  value: T[Name],
): () => void {
  const before = Object.getOwnPropertyDescriptor(object, name);
  object[name] = value;
  return () => {
    Reflect.deleteProperty(object, name);
    if (before) Object.defineProperty(object, name, dictionary(before));
  };
}

/** The properties of `document` that AuthKit reads, and the id of its iframe. */
const names = ['body', 'createElement', 'getElementById', 'event-link'];
const selector = names.map((name) => `[name="${name}"],[id="${name}"]`).join();

/**
 * Runs code of AuthKit's while no element of the page has one of these names. An `<img name="body">` shadows
 * `document.body`, and AuthKit removes the first element with its iframe's id, even if that isn't the iframe.
 * @param frame AuthKit's iframe, which keeps its id.
 */
export function withoutShadowingNames(run: () => void, frame?: Element | null): void {
  const attributes: (readonly [Attr, string])[] = [];
  for (const element of safeDocument.querySelectorAll(selector)) {
    for (const name of element === frame ? [] : ['name', 'id']) {
      // A form's fields can shadow its own `getAttributeNode`.
      const attribute = Element.prototype.getAttributeNode.call(element, name);
      if (attribute) attributes.push([attribute, attribute.value]);
    }
  }
  for (const [attribute] of attributes) attribute.value = '';
  try {
    run();
  } finally {
    for (const [attribute, value] of attributes) attribute.value = value;
  }
}

function toAscii(json: string): string {
  return json.replace(
    /[^\0-\x7f]/g,
    (character) => '\\u' + character.charCodeAt(0).toString(16).padStart(4, '0'),
  );
}
