import { build } from 'esbuild';

const [entry, outfile] = process.argv.slice(2);
const { metafile } = await build({
  entryPoints: [entry],
  outfile,
  bundle: true,
  format: 'esm',
  minify: true,
  metafile: true,
});
const [output] = Object.values(metafile.outputs);
const inputs = Object.entries(output.inputs).filter(([, { bytesInOutput }]) => bytesInOutput > 0);
console.log(JSON.stringify(inputs.map(([path]) => `/${path}`)));
