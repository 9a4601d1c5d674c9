import { basename } from 'node:path';
import MagicString from 'magic-string';
import type { Plugin } from 'vite';
import manifest from '../../package.json' with { type: 'json' };

/** What the module shares with its chunks. The first copy of a version on a page counts, as for the elements. */
const shared = `globalThis[Symbol.for('pica-connect ${manifest.version}')]`;

/**
 * A Vite plugin for an ES module that loads chunks. It changes the bundler's output in three ways:
 *
 * - The chunks take what they share with the module from a symbol. The bundler writes `import … from '../module.js'`,
 *   but the page may have loaded `module.js?ver=1.2`, or the URL may have redirected. Then the browser would download and
 *   run the module a second time. After a release, it could even get a newer one.
 * - Everything that only the chunk `main` and other chunks need is in `main`, so that it is one request.
 * - The constant `MAIN_CHUNK` becomes the path of that chunk.
 * @param main the source of the chunk that the others depend on.
 */
export const moduleChunks = (main: string): Plugin => {
  const name = basename(main, '.ts');
  const mainModules = new Set<string>();
  return {
    name: 'module-chunks',
    apply: 'build',
    config: () => ({
      build: {
        rolldownOptions: {
          // Otherwise the entry is a file that only imports a chunk and exports its contents: two requests in a row.
          preserveEntrySignatures: 'allow-extension',
          output: {
            codeSplitting: {
              groups: [
                {
                  ...{ name, test: (id: string) => mainModules.has(id) },
                  includeDependenciesRecursively: false,
                },
              ],
            },
            minifyInternalExports: true,
          },
        },
      },
    }),
    buildEnd() {
      const ids = [...this.getModuleIds()];
      const staticImports = (first: string | undefined): Set<string> => {
        const found = new Set(first === undefined ? [] : [first]);
        for (const id of found) {
          for (const imported of this.getModuleInfo(id)?.importedIds ?? []) found.add(imported);
        }
        return found;
      };
      const initial = staticImports(ids.find((id) => this.getModuleInfo(id)?.isEntry));
      for (const id of staticImports(ids.find((one) => one.endsWith(main)))) {
        if (!initial.has(id)) mainModules.add(id);
      }
    },
    renderChunk(code, { fileName, isEntry }, _options, { chunks }) {
      const text = new MagicString(code);
      const source = ({ start, end }: { start: number; end: number }) => code.slice(start, end);
      for (const node of this.parse(code).body) {
        if (isEntry && node.type === 'ExportNamedDeclaration') {
          const names = node.specifiers.map(({ local, exported }) => [
            source(exported),
            source(local),
          ]);
          // The bundler gives exports that only chunks use a name of one or two characters.
          const published = names.filter(([exported = '']) => exported.length > 2);
          const members = names.map((pair) => pair.join(': ')).join();
          const exports = published.map(([exported, local]) => `${local} as ${exported}`).join();
          text.update(node.start, node.end, `${shared} ??= {${members}};\nexport {${exports}};`);
        }
        if (node.type === 'ImportDeclaration') {
          const imported = Object.keys(chunks).find((file) => node.source.value.endsWith(file));
          if (!chunks[imported ?? '']?.isEntry) continue;
          const members = node.specifiers.map((specifier) =>
            specifier.type === 'ImportSpecifier'
              ? `${source(specifier.imported)}: ${specifier.local.name}`
              : this.error(`${fileName} imports all of ${node.source.value}.`),
          );
          text.update(node.start, node.end, `const {${members.join()}} = ${shared};`);
        }
      }
      if (isEntry) {
        const main = Object.values(chunks).find((chunk) => chunk.name === name);
        text.replaceAll('MAIN_CHUNK', JSON.stringify(main?.fileName));
      }
      return { code: text.toString(), map: text.generateMap({ hires: true }) };
    },
  };
};
