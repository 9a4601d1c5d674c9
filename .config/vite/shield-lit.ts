import MagicString from 'magic-string';
import { type Plugin, Visitor } from 'vite';

const shield = '\0shield-lit';

/** Replacements for globals in Lit's modules. */
const standIns = new Map([
  ['document', 'litDocument'],
  ['globalThis', 'ownGlobals'],
]);

/** Code in Lit that would read a property even if an object only inherits it. Each piece occurs once. */
const replacements = new Map([
  // Lit reads one item past the last of a template's parts, which could be inherited from `Object.prototype`.
  ['n=0,r=s[0]', 'n=0,r=s.at(0)'],
  ['r=s[++n]', 'r=s.at(++n)'],
  // Lit reads these from values and from the node that it renders into.
  ['void 0:i._$litDirective$', 'void 0:own(i,"_$litDirective$")'],
  ['void 0!==t._$litType$?', 'own(t,"_$litType$")?'],
  ['void 0!==t.nodeType?', 't instanceof Node?'],
  ['h=e._$litPart$;', 'h=own(e,"_$litPart$");'],
  // Lit assigns these properties of elements only when it needs them.
  [
    'class y extends HTMLElement{',
    'class y extends HTMLElement{renderRoot=void 0;_$EO=void 0;_$Eq=void 0;',
  ],
]);

/**
 * A Vite plugin that protects Lit from elements that visitors may have put into the page:
 * `<img name="createElement">` shadows `document.createElement`, and `<a id="litHtmlVersions">` becomes
 * `globalThis.litHtmlVersions`. Lit's objects and instances also inherit nothing from `Object.prototype`. The npm package
 * does not contain Lit, so Lit throws there on such pages.
 */
export const shieldLit = (): Plugin => {
  const missing = new Set(replacements.keys());
  return {
    name: 'shield-lit',
    apply: 'build',
    resolveId: (id) => (id === shield ? id : undefined),
    load: (id) =>
      id === shield
        ? // A node, because Lit also uses it as a root to walk from. Not a document, because ids and names in the page
          // become properties of documents only.
          `import { dictionary, inheritNothing, own } from '/src/hardening/prototype-pollution.ts';
           import { safeDocument } from '/src/hardening/safe-document.ts';
           export { inheritNothing, own };
           export const litDocument = Object.assign(new DocumentFragment(), Object.fromEntries(
             ['createElement', 'createComment', 'createTextNode', 'createTreeWalker', 'importNode']
               .map((name) => [name, safeDocument[name]])));
           // Assignments still reach the global object.
           export const ownGlobals = new Proxy(globalThis, dictionary({
             get: (target, name) => own(target, name),
           }));`
        : undefined,
    transform: {
      filter: { id: /\/node_modules\/(lit|lit-html|lit-element|@lit\/reactive-element)\// },
      handler(code) {
        const text = new MagicString(code);
        const used = new Set<string>();
        new Visitor({
          Identifier: ({ name, start, end }) => {
            const standIn = standIns.get(name);
            // Skip properties of that name.
            if (!standIn || code[start - 1] === '.') return;
            text.update(start, end, standIn);
            used.add(standIn.replace(/\..*/, ''));
          },
          ObjectExpression: ({ start }) => {
            text.appendLeft(start + 1, '__proto__:null,');
          },
          ClassDeclaration: ({ superClass, body }) => {
            if (superClass) return;
            text.appendLeft(body.start + 1, 'static{inheritNothing(this)}');
            used.add('inheritNothing');
          },
        }).visit(this.parse(code));
        for (const [from, to] of replacements) {
          const at = code.indexOf(from);
          if (at < 0) continue;
          text.update(at, at + from.length, to);
          if (to.includes('own(')) used.add('own');
          missing.delete(from);
        }
        if (used.size > 0) text.prepend(`import { ${[...used].join(', ')} } from '${shield}';\n`);
        return { code: text.toString(), map: text.generateMap({ hires: true }) };
      },
    },
    // The bundler's own code for `import * as` would copy inherited properties, and inherit property descriptors.
    renderChunk(code) {
      const text = new MagicString(code)
        .replace(/for \(var (\w+) in (\w+)\)/g, 'for (var $1 of Object.keys($2))')
        .replace(/\{(?=\s*get: \w+\[\w+\])/g, '{ __proto__: null,');
      return { code: text.toString(), map: text.generateMap({ hires: true }) };
    },
    buildEnd(error) {
      if (!error && missing.size > 0) this.error(`Lit has no ${[...missing].join(', ')} any more.`);
    },
  };
};
