import MagicString from 'magic-string';
import { type Plugin, Visitor } from 'vite';

/** What each of Lit's decorators comes down to, in addition to the options that it is given. */
const knownDecorators: Record<string, string> = {
  property: '',
  state: '{ state: true, attribute: false }',
};

/**
 * A plugin for Vite that writes Lit's `@property()` and `@state()` as the one call of `createProperty()` that
 * they come down to, so that neither they nor what applies them has to be downloaded.
 */
export const inlineDecorators = (): Plugin => ({
  name: 'inline-decorators',
  apply: 'build',
  // Decorators are calls of `__decorate()` by then.
  enforce: 'post',
  transform: {
    filter: { id: /\/src\/.*\.ts$/, code: 'lit/decorators.js' },
    handler(code) {
      const text = new MagicString(code);
      const sourceOf = ({ start, end }: { start: number; end: number }) => code.slice(start, end);
      new Visitor({
        ImportDeclaration: (node) => {
          if (/^lit\/decorators\.js$|\/decorate(\.js)?$/.test(node.source.value)) {
            text.remove(node.start, node.end);
          }
        },
        CallExpression: (node) => {
          if (!/^_+decorate$/.test(sourceOf(node.callee))) return;
          const [decorators, prototype, name] = node.arguments;
          const [decorator, ...others] =
            decorators?.type === 'ArrayExpression' ? decorators.elements : [];
          const isCall = decorator?.type === 'CallExpression' && others.length === 0;
          const own = isCall ? knownDecorators[sourceOf(decorator.callee)] : undefined;
          if (!isCall || own === undefined || !prototype || !name) {
            this.error(`${sourceOf(node)} is no decorator that this plugin knows.`);
          }
          const owner = sourceOf(prototype).replace(/\.prototype$/, '');
          const [options] = decorator.arguments;
          const given = [sourceOf(name), options ? sourceOf(options) : own].filter(Boolean);
          text.update(node.start, node.end, `${owner}.createProperty(${given.join(', ')})`);
        },
      }).visit(this.parse(code));
      return { code: text.toString(), map: text.generateMap({ hires: true }) };
    },
  },
});
