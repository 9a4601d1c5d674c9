import MagicString from 'magic-string';
import { type Plugin, Visitor } from 'vite';

const shield = '\0shield-lit';

/** Replacements for globals in Lit's modules. */
const standIns = new Map([
  ['document', 'litDocument'],
  ['globalThis', 'ownGlobals'],
  ['litPropertyMetadata', 'ownGlobals.litPropertyMetadata'],
]);

/**
 * Code in Lit that reads inherited properties; each piece occurs once. Lit passes its policy options that inherit, and
 * reads one item past the last of a template's parts, where it would find `Object.prototype[0]`.
 */
const replacements = new Map([
  ['{createHTML:', '{__proto__:null,createHTML:'],
  ['n=0,r=s[0]', 'n=0,r=s.at(0)'],
  ['r=s[++n]', 'r=s.at(++n)'],
]);

/**
 * A Vite plugin that protects Lit from elements that visitors may have put into the page:
 * `<img name="createElement">` shadows `document.createElement`, and `<a id="litHtmlVersions">` becomes
 * `globalThis.litHtmlVersions`. The npm package does not contain Lit, so there Lit throws on such a page.
 */
export const shieldLit = (): Plugin => {
  const missing = new Set(replacements.keys());
  return {
    name: 'shield-lit',
    apply: 'build',
    resolveId: (id) => (id === shield ? id : undefined),
    load: (id) =>
      id === shield
        ? // A node, because Lit also walks from it as a root. No document: only documents have named properties.
          `import { safeDocument } from '/src/safe-document.ts';
           export const litDocument = Object.assign(new DocumentFragment(), Object.fromEntries(
             ['createElement', 'createComment', 'createTextNode', 'createTreeWalker', 'importNode']
               .map((name) => [name, safeDocument[name]])));
           // Assignments still reach the global object.
           export const ownGlobals = new Proxy(globalThis, {
             get: (target, name) => Object.hasOwn(target, name) ? target[name] : undefined,
           });`
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
        }).visit(this.parse(code));
        for (const [from, to] of replacements) {
          const at = code.indexOf(from);
          if (at < 0) continue;
          text.update(at, at + from.length, to);
          missing.delete(from);
        }
        if (used.size > 0) text.prepend(`import { ${[...used].join(', ')} } from '${shield}';\n`);
        return { code: text.toString(), map: text.generateMap({ hires: true }) };
      },
    },
    // The bundler's own code for `import * as`, which would copy inherited properties too.
    renderChunk: (code) =>
      code.replace(/for \(var (\w+) in (\w+)\)/g, 'for (var $1 of Object.keys($2))'),
    buildEnd(error) {
      if (!error && missing.size > 0) this.error(`Lit has no ${[...missing].join(', ')} any more.`);
    },
  };
};
