import { nodeResolve } from '@rollup/plugin-node-resolve';
import { rollup } from 'rollup';

const [entry, file] = process.argv.slice(2);
const bundle = await rollup({ input: entry, plugins: [nodeResolve()] });
const { output } = await bundle.write({ file, format: 'es' });
await bundle.close();
const modules = Object.entries(output[0].modules).filter(
  ([, { renderedLength }]) => renderedLength,
);
console.log(JSON.stringify(modules.map(([path]) => path)));
