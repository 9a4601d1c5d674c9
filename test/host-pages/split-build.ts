import { basename } from 'node:path';
import { build } from 'esbuild';

export interface SplitBuild {
  /** The files by their path on the host's site. */
  files: Map<string, Uint8Array>;
  /** The path of the script that a page loads. */
  entry: string;
  /** The path of the part that opens AuthKit. */
  opener: string;
}

/** Bundles the npm package's entry with code splitting, as a host does. */
export async function buildSplit(version = '1'): Promise<SplitBuild> {
  const { outputFiles, metafile } = await build({
    entryPoints: ['dist/index.js'],
    outdir: 'assets',
    bundle: true,
    splitting: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    // The names contain hashes of the contents, so that each version has files of its own.
    chunkNames: '[name]-[hash]',
    entryNames: '[name]-[hash]',
    banner: { js: `/* Version ${version} of the host's site. */` },
    legalComments: 'none',
    metafile: true,
    write: false,
  });
  const pathOf = (file: string): string => `/assets/${basename(file)}`;
  const outputOf = (source: string): string => {
    const outputs = Object.entries(metafile.outputs);
    const found = outputs.find(([, { entryPoint }]) => entryPoint === source);
    if (!found) throw new Error(`The build has no chunk for ${source}.`);
    return pathOf(found[0]);
  };
  return {
    files: new Map(outputFiles.map(({ path, contents }) => [pathOf(path), contents])),
    entry: outputOf('dist/index.js'),
    opener: outputOf('dist/connect/opener.js'),
  };
}
