import { dictionary } from '../hardening/own.js';
import { safeDocument } from '../hardening/safe-document.js';

/**
 * `@picahq/authkit` 1.0.10 builds its iframe synchronously in `open()`, with three calls that do not
 * suit us. For the length of that call, and no longer, they are answered differently:
 *
 * - `btoa` throws at text outside Latin-1. It is given the same JSON with every such character
 *   written as `\uXXXX`, which reads as exactly the same values.
 * - `document.body.appendChild` would put the iframe below an open `<dialog>`. It goes into `parent`
 *   at once instead: a frame that is moved afterwards loads twice in browsers without `moveBefore`
 *   (seen in WebKitGTK 2.50).
 * - `window.addEventListener` would let it listen to whatever is posted to the window: `messages.ts` listens.
 */
export function lendToAuthKit(parent: Element, open: () => void, allow: string): void {
  const encode = globalThis.btoa;
  const giveBack = [
    lend(globalThis, 'btoa', (json) => encode(toAscii(json))),
    lend(globalThis, 'addEventListener', () => undefined),
    lend(safeDocument.body, 'appendChild', (child) => {
      // Now, before it has an address: Chromium goes by the `allow` with which a frame begins to load.
      if (child instanceof HTMLIFrameElement) child.allow = allow;
      return parent.appendChild(child);
    }),
  ];
  try {
    undisturbed(open);
  } finally {
    for (const end of giveBack) end();
  }
}

/** @returns uncovers what the object inherits, or puts back what the page had put there. */
function lend<T extends object, Name extends keyof T>(
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

/** What AuthKit reads of `document`, and the id by which it finds its frame. */
const names = ['body', 'createElement', 'getElementById', 'event-link'];
const named = names.map((name) => `[name="${name}"],[id="${name}"]`).join();

/**
 * Runs AuthKit's own code as if nothing in the page had such a name: an `<img name="body">` shadows
 * `document.body`, and AuthKit removes the first element with its frame's id, whosever that is.
 * @param frame AuthKit's own.
 */
export function undisturbed(run: () => void, frame?: Element | null): void {
  const attributes: (readonly [Attr, string])[] = [];
  for (const element of safeDocument.querySelectorAll(named)) {
    for (const name of element === frame ? [] : ['name', 'id']) {
      // Not the element's own method: the fields of a form shadow that.
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
