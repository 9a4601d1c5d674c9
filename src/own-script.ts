import { safeDocument } from './safe-document.js';

/** The path of the one-file build, as it is released. */
const ownPath = /\/pica-connect(\.all)?\.min\.js$/;

/**
 * The `<script>` that the one-file build came with: the running classic script, or, as a module is not told its own
 * address, the page's module script whose `src` ends in this file's name. None where two such tags differ.
 *
 * `document.currentScript` itself is not read: `<img name="currentScript" src="…">` stands before it.
 */
export const ownScript: HTMLScriptElement | undefined = findOwnScript();

function findOwnScript(): HTMLScriptElement | undefined {
  const running: unknown = safeDocument.currentScript;
  if (running instanceof HTMLScriptElement) return running;
  const [own, ...others] = [...safeDocument.scripts].filter(isOwnModule);
  return others.every((other) => other.isEqualNode(own as Node)) ? own : undefined;
}

function isOwnModule(script: Element): script is HTMLScriptElement {
  return (
    script instanceof HTMLScriptElement &&
    script.type === 'module' &&
    ownPath.test(script.src.replace(/[?#].*/s, ''))
  );
}
