import MagicString from 'magic-string';
import type { Plugin } from 'vite';

/** A plugin for Vite that makes of a module which neither imports nor exports a script that leaves no names behind. */
export const classicScript = (): Plugin => ({
  name: 'classic-script',
  apply: 'build',
  renderChunk(code, { fileName, imports, exports }) {
    if (imports.length > 0 || exports.length > 0) {
      this.error(`${fileName} is a module: it has ${[...imports, ...exports].join(', ')}.`);
    }
    const text = new MagicString(code).prepend('(()=>{').append('})();');
    return { code: text.toString(), map: text.generateMap({ hires: true }) };
  },
});
