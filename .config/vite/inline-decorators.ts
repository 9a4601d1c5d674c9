import MagicString from 'magic-string';
import { type Plugin, Visitor } from 'vite';

/** The options that each of Lit's decorators passes to `createProperty()` if it gets none itself. */
const knownDecorators: Record<string, string> = {
  property: '',
  state: '{ state: true, attribute: false }',
};

/**
 * A Vite plugin that replaces Lit's `@property()` and `@state()` by the call of `createProperty()` that they make, so
 * that pages download neither the decorators nor the helper that applies them.
 */
export const inlineDecorators = (): Plugin => ({
  name: 'inline-decorators',
  apply: 'build',
  // After decorators have been compiled to calls of `__decorate()`.
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
