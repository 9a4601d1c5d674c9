import MagicString from 'magic-string';
import type { Plugin } from 'vite';

/** A Vite plugin that turns a module without imports and exports into a classic script without global variables. */
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
