import { build } from 'esbuild';

const [entry, outdir] = process.argv.slice(2);
const { metafile, warnings } = await build({
  entryPoints: [entry],
  outdir,
  bundle: true,
  format: 'esm',
  // Without splitting, esbuild puts dynamically imported modules into the entry's file.
  splitting: true,
  minify: true,
  metafile: true,
});

const { outputs } = metafile;
const [first] = Object.keys(outputs).filter((file) => outputs[file].entryPoint === entry);
const files = new Set([first]);
for (const file of files) {
  const imported = outputs[file].imports.filter(({ kind }) => kind === 'import-statement');
  for (const { path } of imported) files.add(path);
}
const modules = [...files]
  .flatMap((file) => Object.entries(outputs[file].inputs))
  .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
  .map(([path]) => `/${path}`);
const later = Object.keys(outputs).filter((file) => !files.has(file));
console.log(JSON.stringify({ files: [...files], modules, later, warnings }));
