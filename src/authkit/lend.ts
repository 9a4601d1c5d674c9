/**
 * `@picahq/authkit` 1.0.10 builds its iframe synchronously in `open()`, with two calls that do not
 * suit us. For the length of that call, and no longer, both are answered differently:
 *
 * - `btoa` throws at text outside Latin-1. It is given the same JSON with every such character
 *   written as `\uXXXX`, which reads as exactly the same values.
 * - `document.body.appendChild` would put the iframe below an open `<dialog>`. It goes into `parent`
 *   at once instead: a frame that is moved afterwards loads twice in browsers without `moveBefore`
 *   (seen in WebKitGTK 2.50).
 */
export function lendToAuthKit(parent: Element, open: () => void, allow: string): void {
  const encode = globalThis.btoa;
  const { body } = document;
  const own = Object.getOwnPropertyDescriptor(body, 'appendChild');
  globalThis.btoa = (json) => encode(toAscii(json));
  body.appendChild = (child) => {
    // Now, before it has an address: Chromium goes by the `allow` with which a frame begins to load.
    if (child instanceof HTMLIFrameElement) child.allow = allow;
    return parent.appendChild(child);
  };
  try {
    open();
  } finally {
    globalThis.btoa = encode;
    // Uncovers the method that every element inherits, or puts back what the page had put there.
    delete (body as Partial<HTMLElement>).appendChild;
    if (own) Object.defineProperty(body, 'appendChild', own);
  }
}

function toAscii(json: string): string {
  return json.replace(
    /[^\0-\x7f]/g,
    (character) => '\\u' + character.charCodeAt(0).toString(16).padStart(4, '0'),
  );
}
