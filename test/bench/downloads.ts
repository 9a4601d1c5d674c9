import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';
import { build, type Metafile } from 'esbuild';
import { bundledEntry, bundling, folder, isFile, type ScriptName } from './scripts.js';

/** Sizes in bytes with the best Brotli compression, each file by itself. */
export interface Download {
  /** What every visitor downloads. */
  initial: number;
  /** What an opening of AuthKit downloads in addition. */
  later: number;
}

/** Files with their sizes and imports, by path. */
type Files = Map<string, { bytes: number; imports: Metafile['outputs'][string]['imports'] }>;

/** What a page downloads, in the chunks that the package has or that a bundler makes. */
export async function downloadOf(name: ScriptName): Promise<Download> {
  const [entry, files] = isFile(name) ? await builtFiles(name) : await bundledFiles(name);
  const initial = withImports(files, entry);
  const opener = [...files.keys()].find((path) => path.includes('opener')) ?? entry;
  const later = [...withImports(files, opener)].filter((path) => !initial.has(path));
  const sum = (paths: Iterable<string>) =>
    [...paths].reduce((bytes, path) => bytes + (files.get(path)?.bytes ?? NaN), 0);
  return { initial: sum(initial), later: sum(later) };
}

async function builtFiles(name: string): Promise<[entry: string, files: Files]> {
  const entry = `${folder}/dist/${name}`;
  const { metafile } = await build({
    ...bundling,
    entryPoints: [entry],
    format: 'esm',
    metafile: true,
  });
  const files: Files = new Map();
  for (const [path, { imports }] of Object.entries(metafile.inputs)) {
    files.set(path, { bytes: compressedSize(await readFile(path)), imports });
  }
  return [entry, files];
}

async function bundledFiles(name: Parameters<typeof bundledEntry>[0]): Promise<[string, Files]> {
  const { metafile, outputFiles } = await build({
    ...bundledEntry(name),
    ...bundling,
    format: 'esm',
    splitting: true,
    metafile: true,
    entryNames: 'entry',
    outdir: 'out',
  });
  const files: Files = new Map();
  for (const [path, { imports }] of Object.entries(metafile.outputs)) {
    const file = outputFiles.find((one) => one.path === resolve(path));
    files.set(path, { bytes: compressedSize(file?.contents ?? new Uint8Array()), imports });
  }
  return ['out/entry.js', files];
}

/** The file and what it imports, directly or not. */
function withImports(files: Files, path: string, found = new Set<string>()): Set<string> {
  if (found.has(path)) return found;
  found.add(path);
  for (const { path: imported, kind, external } of files.get(path)?.imports ?? []) {
    if (kind === 'import-statement' && !external) withImports(files, imported, found);
  }
  return found;
}

export function compressedSize(content: Uint8Array | string): number {
  const params = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };
  return brotliCompressSync(content, { params }).length;
}
