import { join, resolve } from 'node:path';
import { build, createLogger } from 'vite';

const [entry, dir] = process.argv.slice(2);
const warnings = [];
const customLogger = createLogger('warn');
customLogger.warn = (message) => warnings.push(message);
customLogger.warnOnce = customLogger.warn;
const { output } = await build({
  customLogger,
  build: {
    outDir: dir,
    emptyOutDir: false,
    rolldownOptions: { input: resolve(entry), output: { entryFileNames: '[name].js' } },
  },
});

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
