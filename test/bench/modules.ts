import { readdirSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { transform } from 'esbuild';
import { build, type Plugin } from 'vite';
import { compressedSize } from './downloads.js';
import { folder } from './scripts.js';

/*
 * Lists what the package consists of: npm run bench -- modules. Each module is in the first part that needs it.
 *
 * The Brotli size of a module is its share of its part, not what removing it would save.
 */

interface Part {
  name: string;
  /** Why a page needs it, and when. */
  reason: string;
  entry: string;
}

interface Module {
  code: string;
  imports: readonly string[];
}

/** What a page needs from the start. */
const initialParts: Part[] = [
  { name: 'button', reason: 'An idle button: what every visitor sees.', entry: 'src/button.ts' },
  { name: 'list', reason: 'The list, on pages that show one.', entry: 'src/list.ts' },
  {
    name: 'script tag',
    reason:
      'Page defaults and languages of a page without a bundler, and the functions of the package.',
    entry: 'src/script-tag/module.ts',
  },
];

/** The reasons of the later parts are the comments in lazy.ts. */
const laterParts = [
  ...readFileSync('src/lazy.ts', 'utf8').matchAll(
    /\/\*\*((?:(?!\*\/).)*?)\*\/\s*export const load(\w+) = \(\) =>[^;]*?'\.\/([^;]*?)\.js'/gs,
  ),
]
  .map(([, comment = '', name = '', path = '']): Part => ({
    name: name.replace(/(?<=[a-z])(?=[A-Z])/, ' ').toLowerCase(),
    reason: comment.replace(/\s*\n \*\s*/g, ' ').trim(),
    entry: `src/${path}.ts`,
  }))
  // Other later parts need modules of the opener.
  .sort((a, b) => Number(b.name === 'opener') - Number(a.name === 'opener'));

if (laterParts.length === 0) throw new Error('src/lazy.ts has no parts of the form expected here.');

const modules = await builtModules();
const total = { bytes: 0, brotli: 0 };
const listed = new Set<string>();
for (const part of [...initialParts, ...laterParts]) {
  const codes = new Map<string, string>();
  for (const path of newModules(part.entry)) {
    listed.add(path);
    codes.set(path, modules.get(path)?.code ?? '');
  }
  await print(part, codes);
}
const languages = readdirSync('src/locales').map((file) => `src/locales/${file}`);
await print(
  { name: 'languages', reason: 'Each when an element has its language. English is in the button.' },
  new Map(
    languages.filter((path) => !listed.has(path)).map((path) => [path, readFileSync(path, 'utf8')]),
  ),
);
console.log(`\n${row('all parts', total.bytes, total.brotli)}`);

/** Builds the module with chunks, and returns the code that is left of each source after tree shaking, by path. */
async function builtModules(): Promise<Map<string, Module>> {
  const found = new Map<string, Module>();
  const collect: Plugin = {
    name: 'collect-modules',
    generateBundle(_options, bundle) {
      for (const chunk of Object.values(bundle)) {
        if (chunk.type !== 'chunk') continue;
        for (const [id, { code }] of Object.entries(chunk.modules)) {
          const imports = this.getModuleInfo(id)?.importedIds ?? [];
          found.set(pathOf(id), { code: code ?? '', imports: imports.map(pathOf) });
        }
      }
    },
  };
  await build({
    mode: 'script-module',
    logLevel: 'warn',
    build: { outDir: `${folder}/modules` },
    plugins: [collect],
  });
  return found;
}

function pathOf(id: string): string {
  return relative('.', id.replace(/^\0/, ''));
}

/** The module and what it imports, directly or not, without what an earlier part has. */
function newModules(path: string, found = new Set<string>()): Set<string> {
  if (listed.has(path) || found.has(path)) return found;
  found.add(path);
  for (const imported of modules.get(path)?.imports ?? []) newModules(imported, found);
  return found;
}

async function print({ name, reason }: Omit<Part, 'entry'>, codes: Map<string, string>) {
  const minified = [];
  for (const [path, original] of codes) {
    const { code } = await transform(original, {
      loader: 'ts',
      minify: true,
      treeShaking: false,
      legalComments: 'none',
    });
    if (code.length > 0) minified.push({ path, code, alone: compressedSize(code) });
  }
  const text = minified.map(({ code }) => code).join('');
  const brotli = compressedSize(text);
  const sumAlone = minified.reduce((sum, { alone }) => sum + alone, 0);
  console.log(`\n${name}: ${reason}\n brotli    bytes  module`);
  for (const { path, code, alone } of minified.sort((a, b) => b.alone - a.alone)) {
    console.log(row(path.replace(/^node_modules\//, ''), code.length, (alone / sumAlone) * brotli));
  }
  console.log(row(`all of ${name}`, text.length, brotli));
  total.bytes += text.length;
  total.brotli += brotli;
}

function row(name: string, bytes: number, brotli: number): string {
  return `${String(Math.round(brotli)).padStart(7)} ${String(bytes).padStart(8)}  ${name}`;
}
