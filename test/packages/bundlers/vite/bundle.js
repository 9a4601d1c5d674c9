import { dirname, resolve } from 'node:path';
import { build } from 'vite';

const [entry, file] = process.argv.slice(2);
const { output } = await build({
  logLevel: 'warn',
  build: {
    outDir: dirname(file),
    emptyOutDir: false,
    rolldownOptions: { input: resolve(entry), output: { entryFileNames: '[name].js' } },
  },
});
const [{ modules }] = output;
const rendered = Object.entries(modules).filter(([, { renderedLength }]) => renderedLength);
console.log(JSON.stringify(rendered.map(([path]) => path)));
