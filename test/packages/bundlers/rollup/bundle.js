import { join } from 'node:path';
import { nodeResolve } from '@rollup/plugin-node-resolve';
import { rollup } from 'rollup';

const [entry, dir] = process.argv.slice(2);
const warnings = [];
const bundle = await rollup({
  input: entry,
  plugins: [nodeResolve()],
  onwarn: ({ message }) => warnings.push(message),
});
const { output } = await bundle.write({ dir, format: 'es' });
await bundle.close();

const files = new Set([output[0].fileName]);
const chunks = output.filter(({ type }) => type === 'chunk');
for (const file of files) {
  const { imports = [] } = chunks.find(({ fileName }) => fileName === file) ?? {};
  for (const name of imports) files.add(name);
}
const modules = chunks
  .filter(({ fileName }) => files.has(fileName))
  .flatMap((chunk) => Object.entries(chunk.modules))
  .filter(([, { renderedLength }]) => renderedLength > 0)
  .map(([path]) => path);
const inFolder = (names) => names.map((name) => join(dir, name));
const later = chunks.map(({ fileName }) => fileName).filter((name) => !files.has(name));
console.log(
  JSON.stringify({ files: inFolder([...files]), modules, later: inFolder(later), warnings }),
);
