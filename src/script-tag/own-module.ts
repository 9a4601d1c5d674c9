import { safeDocument } from '../hardening/safe-document.js';

/**
 * The page's `<script type="module">` for a module, which can't see its own tag. Undefined if several such tags differ.
 * @param isOwn whether an address is the module's.
 */
export function findOwnModule(isOwn: (src: string) => boolean): HTMLScriptElement | undefined {
  const [own, ...others] = [...safeDocument.scripts].filter(
    (script: Element): script is HTMLScriptElement =>
      script instanceof HTMLScriptElement && script.type === 'module' && isOwn(script.src),
  );
  return others.every((other) => other.isEqualNode(own as Node)) ? own : undefined;
}
