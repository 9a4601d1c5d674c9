import { safeDocument } from '../hardening/safe-document.js';

/** The end of the URL path of both one-file builds. */
const ownPath = /\/pica-connect(\.all)?\.min\.js$/;

/**
 * The `<script>` that loaded the one-file build: the running classic script, or the page's module script whose `src`
 * ends in this file's name, because a module cannot see its own tag. Undefined if several such tags differ.
 *
 * Read through `safeDocument`: `<img name="currentScript" src="…">` shadows `document.currentScript`.
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
