import { transform } from 'esbuild';
import MagicString from 'magic-string';
import { type Plugin, Visitor } from 'vite';

interface Part {
  start: number;
  end: number;
  value: { raw: string; cooked: string | null };
}

/**
 * A Vite plugin that minifies styles and templates, because minifiers leave template literals alone. In `*.styles.ts`,
 * every template literal is CSS; elsewhere, those tagged `html` are markup. White space in markup becomes one space.
 * Next to tags, white space with a line break is removed, because it would be a text node in every element. Write
 * `&#32;` for a space that has to stay.
 */
export const minifyLiterals = (): Plugin => ({
  name: 'minify-literals',
  apply: 'build',
  // After TypeScript has been compiled to JavaScript.
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

/** @param markup the text between two expressions. */
const minifyMarkup = (markup: string): string =>
  markup.replace(/(^|>)\s*\n\s*(<|$)/g, '$1$2').replace(/\s+/g, ' ');

/** @returns CSS that is escaped for a template literal. */
async function minifyCss(css: string): Promise<string> {
  const { code } = await transform(css, { loader: 'css', minify: true, target: 'es2022' });
  // esbuild leaves the values of custom properties alone.
  const short = code.trim().replace(/(--[\w-]+): /g, '$1:');
  return short.replace(/[\\`]|\$\{/g, '\\$&');
}
