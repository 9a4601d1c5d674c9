import { cpSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import sonda from 'sonda/vite';
import { build } from 'vite';

/*
 * Lists the modules of the one-file build, largest first: npm run bench -- modules. Needs `npm run build`.
 *
 * The Brotli size of a module is its share of the whole file, not what removing it would save. The list is also written
 * to .test-results/bench/modules.json.
 */

const folder = resolve('.test-results/bench');

interface Resource {
  kind: string;
  name: string;
  uncompressed: number;
  brotli: number;
}

// The build reads the hashes of the package's other files from its own output folder.
cpSync('dist', resolve(folder, 'modules'), { recursive: true });
await build({
  mode: 'script-tag',
  logLevel: 'warn',
  build: { outDir: resolve(folder, 'modules') },
  plugins: [
    sonda({
      format: 'json',
      outputDir: folder,
      filename: 'modules',
      brotli: true,
    }),
  ],
});

const text = readFileSync(resolve(folder, 'modules.json'), 'utf8');
const { resources } = JSON.parse(text) as { resources: Resource[] };
const total = resources.find(({ kind }) => kind === 'asset');
const parts = resources.filter(({ kind }) => kind === 'chunk');
const row = (name: string, bytes: number, brotli: number) =>
  `${String(brotli).padStart(7)} ${String(bytes).padStart(8)}  ${name}`;
console.log(' brotli    bytes  module');
for (const { name, uncompressed, brotli } of parts.sort((a, b) => b.brotli - a.brotli)) {
  console.log(row(name.replace(/^node_modules\//, ''), uncompressed, brotli));
}
console.log(row('all', total?.uncompressed ?? 0, total?.brotli ?? 0));
