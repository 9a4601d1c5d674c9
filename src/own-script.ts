/** The path of the one-file build, as it is released. */
const ownPath = /\/pica-connect(\.all)?\.min\.js$/;

/**
 * The `<script>` that the one-file build came with: the running classic script, or, as a module is not told its own
 * address, the page's module script whose `src` ends in this file's name. None where two such tags differ.
 *
 * `document.currentScript` itself is not read: `<img name="currentScript" src="…">` stands before it. The getter of
 * the prototype is what the browser means, and nothing shadows that.
 */
export const ownScript: HTMLScriptElement | undefined = findOwnScript();

function findOwnScript(): HTMLScriptElement | undefined {
  const running: unknown = Reflect.get(Document.prototype, 'currentScript', document);
  if (running instanceof HTMLScriptElement) return running;
  const scripts = Reflect.get(Document.prototype, 'scripts', document) as Iterable<Element>;
  const [own, ...others] = [...scripts].filter(isOwnModule);
  return others.every((other) => other.isEqualNode(own as Node)) ? own : undefined;
}

function isOwnModule(script: Element): script is HTMLScriptElement {
  return (
    script instanceof HTMLScriptElement &&
    script.type === 'module' &&
    ownPath.test(script.src.replace(/[?#].*/s, ''))
  );
}
