import { safeDocument } from '../hardening/safe-document.js';
import { findOwnModule } from './own-module.js';

/** A URL whose path ends in the name of a one-file build. */
const ownUrl = /^[^?#]*\/pica-connect(\.all)?\.min\.js([?#]|$)/;

/**
 * The `<script>` that loaded the one-file build: the running classic script, or the page's module script whose `src`
 * ends in this file's name, because it can't know its address as a module.
 *
 * Read through `safeDocument`: `<img name="currentScript" src="…">` shadows `document.currentScript`.
 */
export const ownScript: HTMLScriptElement | undefined = findOwnScript();

function findOwnScript(): HTMLScriptElement | undefined {
  const running: unknown = safeDocument.currentScript;
  if (running instanceof HTMLScriptElement) return running;
  return findOwnModule((src) => ownUrl.test(src));
}
