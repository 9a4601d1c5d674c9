import { transform } from 'esbuild';
import MagicString from 'magic-string';
import { type Plugin, Visitor } from 'vite';

interface Part {
  start: number;
  end: number;
  value: { raw: string; cooked: string | null };
}

/**
 * A plugin for Vite that makes styles and templates short: minifiers leave the text of template literals
 * alone. In `*.styles.ts` every one of them is CSS; elsewhere those of `html` are markup. White space in
 * markup becomes one space; with a line break in it, beside tags, it goes: each would be a node of its own in
 * every element. `&#32;` is a space that is meant.
 */
export const minifyLiterals = (): Plugin => ({
  name: 'minify-literals',
  apply: 'build',
  // TypeScript is JavaScript by then.
  enforce: 'post',
  transform: {
    filter: { id: /\/src\/.*\.ts$/, code: '`' },
    async handler(code, id) {
      const isStyles = id.endsWith('.styles.ts');
      const parts: Part[] = [];
      new Visitor({
        TemplateLiteral: ({ quasis }) => {
          if (isStyles) parts.push(...quasis);
        },
        TaggedTemplateExpression: ({ tag, quasi }) => {
          if (tag.type === 'Identifier' && tag.name === 'html') parts.push(...quasi.quasis);
        },
      }).visit(this.parse(code));
      const text = new MagicString(code);
      for (const { start, end, value } of parts) {
        const short = isStyles ? await minifyCss(value.cooked ?? '') : minifyMarkup(value.raw);
        if (short !== value.raw) text.update(start, end, short);
      }
      return { code: text.toString(), map: text.generateMap({ hires: true }) };
    },
  },
});

/** @param markup from one expression to the next. */
const minifyMarkup = (markup: string): string =>
  markup.replace(/(^|>)\s*\n\s*(<|$)/g, '$1$2').replace(/\s+/g, ' ');

/** @returns what may stand in a template literal. */
async function minifyCss(css: string): Promise<string> {
  const { code } = await transform(css, { loader: 'css', minify: true, target: 'es2022' });
  return code.trim().replace(/[\\`]|\$\{/g, '\\$&');
}
