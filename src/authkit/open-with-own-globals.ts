import { useAuthKit } from '@picahq/authkit';
import { dictionary } from '../hardening/prototype-pollution.js';
import { safeDocument } from '../hardening/safe-document.js';
import { frameAllow } from './local-network.js';

export type AuthKitProps = Parameters<typeof useAuthKit>[0];

/**
 * Opens AuthKit. Only this file calls `@picahq/authkit`, whose version 1.0.10 builds its iframe synchronously, with three
 * globals that don't work for us. They are replaced for the length of this call only:
 *
 * - `btoa` throws at text outside Latin-1. It gets the same JSON with `\uXXXX` for every such character.
 * - `document.body.appendChild` would put the iframe below an open `<dialog>`. It goes into `parent` instead. It can't be
 *   moved there later: browsers without `moveBefore` would load it twice (seen in WebKitGTK 2.50).
 * - `window.addEventListener` would let AuthKit listen to every message, from anywhere. messages.ts listens instead.
 *
 * AuthKit's own `close` isn't needed: nothing is left once the iframe is removed.
 * @returns the iframe.
 */
export function openWithOwnGlobals(parent: Element, props: AuthKitProps): HTMLIFrameElement {
  let frame!: HTMLIFrameElement;
  const encode = globalThis.btoa;
  const restores = [
    replace(globalThis, 'btoa', (json) => encode(toAscii(json))),
    replace(globalThis, 'addEventListener', () => undefined),
    replace(safeDocument.body, 'appendChild', (child) => {
      frame = child as Node as HTMLIFrameElement;
      // Chromium ignores an `allow` that is set after the frame has begun to load.
      frame.allow = frameAllow(props.token.url);
      return parent.appendChild(child);
    }),
  ];
  try {
    withoutShadowingNames(useAuthKit(props).open);
    return frame;
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

/** The properties of `document` that AuthKit reads. */
const names = ['body', 'createElement'];
const selector = names.map((name) => `[name="${name}"],[id="${name}"]`).join();

/** Runs code of AuthKit's while no element has one of these names: an `<img name="body">` shadows `document.body`. */
function withoutShadowingNames(run: () => void): void {
  const attributes: (readonly [Attr, string])[] = [];
  for (const element of safeDocument.querySelectorAll(selector)) {
    for (const name of ['name', 'id']) {
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
