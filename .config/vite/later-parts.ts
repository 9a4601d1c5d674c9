import { dirname, resolve } from 'node:path';
import MagicString from 'magic-string';
import { build, mergeConfig, type Plugin, type Rolldown, type UserConfig, Visitor } from 'vite';

interface LaterPartsApi {
  /** The modules in these chunks. */
  sourcesOf: (ids: string[]) => string[];
}

/**
 * A Vite plugin for one file with later parts: what `import()` would load is in the file, but doesn't run before it is
 * needed.
 *
 * The bundler's own way is a function around every module that two parts use, which costs over a kilobyte. So this
 * builds chunks first, and puts each later chunk into one function.
 * @param chunks builds the chunks.
 */
export const laterParts = (chunks: UserConfig): Plugin<LaterPartsApi> => {
  /** By the paths that they would be written to. The sources in their maps are relative to these. */
  const parts = new Map<string, Rolldown.OutputChunk>();
  let outDir = '';
  return {
    name: 'later-parts',
    apply: 'build',
    api: { sourcesOf: (ids) => ids.flatMap((id) => parts.get(id)?.moduleIds ?? []) },
    // Before the paths of chunks are looked for in the file system.
    enforce: 'pre',
    configResolved({ root, build: { outDir: folder } }) {
      outDir = resolve(root, folder);
    },
    async buildStart() {
      const config = mergeConfig(chunks, { build: { outDir } });
      const built = await build({ ...config, configFile: false, logLevel: 'warn' });
      for (const { output } of [built].flat() as Rolldown.RolldownOutput[]) {
        for (const part of output) {
          if (part.type === 'chunk') parts.set(resolve(outDir, part.fileName), part);
        }
      }
    },
    resolveId(id, importer) {
      if (!importer) return [...parts.keys()].find((path) => parts.get(path)?.isEntry);
      const path = resolve(dirname(importer), id);
      return parts.has(path) ? path : undefined;
    },
    load(id) {
      const part = parts.get(id);
      return part && { code: part.code, map: part.map };
    },
    transform(code, id) {
      const part = parts.get(id);
      if (!part) return;
      const text = new MagicString(code);
      const isLater = part.isDynamicEntry;
      let imports = '';
      new Visitor({
        ImportExpression: ({ start, end, source }) => {
          if (source.type !== 'Literal') return;
          const name = `loadPart${String(start)}`;
          imports += `import { loadPart as ${name} } from ${code.slice(source.start, source.end)};\n`;
          text.update(start, end, `${name}()`);
        },
        ImportDeclaration: ({ start, end }) => {
          if (!isLater) return;
          imports += code.slice(start, end);
          text.remove(start, end);
        },
        ExportNamedDeclaration: ({ start, end, specifiers }) => {
          if (!isLater) return;
          const names = specifiers.map(({ local, exported }) =>
            [exported, local].map((name) => code.slice(name.start, name.end)).join(': '),
          );
          text.update(start, end, `return { __proto__: null, ${names.join(', ')} };`);
        },
      }).visit(this.parse(code));
      if (isLater) {
        text.prepend('let part;\nexport const loadPart = async () => (part ??= (() => {\n');
        text.append('\n})());');
      }
      text.prepend(imports);
      return { code: text.toString(), map: text.generateMap({ hires: true }) };
    },
  };
};
