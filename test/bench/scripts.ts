import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { copyFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompressSync, constants } from 'node:zlib';
import { build, type Plugin } from 'esbuild';

const run = promisify(execFile);

/** The bench has its own build, so that dist/ can be rebuilt during a run. */
export const folder = '.test-results/bench';
const peers = 'test/bench/peers';

/** Excludes modules that are loaded only on demand: a page does not download them at the start. */
const withoutLaterParts: Plugin = {
  name: 'without-later-parts',
  setup: (builder) =>
    builder.onResolve({ filter: /./ }, ({ kind, path }) =>
      kind === 'dynamic-import' ? { path, external: true } : undefined,
    ),
};

/** Bundles an entry with its imports, as a host's bundler does. */
async function bundle(entry: object, format: 'esm' | 'iife'): Promise<Uint8Array> {
  const { outputFiles } = await build({
    ...entry,
    bundle: true,
    minify: true,
    format,
    target: 'es2022',
    define: { 'process.env.NODE_ENV': '"production"' },
    legalComments: 'none',
    logLevel: 'warning',
    // Imports without side effects are dropped on purpose.
    logOverride: { 'ignored-bare-import': 'silent' },
    plugins: [withoutLaterParts],
    write: false,
  });
  const [file] = outputFiles;
  if (!file) throw new Error('esbuild produced no output.');
  return file.contents;
}

const inFile = (path: string, external: string[] = []) => ({ entryPoints: [path], external });
const inText = (contents: string) => ({ stdin: { contents, resolveDir: '.' } });

/** The scripts that can be measured, by name. */
const entries = {
  'pica-connect/button': inFile(`${folder}/dist/button.js`),
  'a minimal Lit button': inFile('test/bench/minimal-button.ts'),
  'a button that wraps AuthKit': inFile('test/bench/wrapping-button.ts'),
  'Shoelace button': inFile(`${peers}/shoelace-button.js`),
  'Web Awesome button': inFile(`${peers}/web-awesome-button.js`),
  'Material button': inFile(`${peers}/material-button.js`),
  'Pipedream, without React': inFile(`${peers}/pipedream-list.js`, ['react', 'react-dom']),
  'React list': inFile(`${peers}/react-list.js`),
  'Lit alone': inText(`export { LitElement, html, css } from 'lit'`),
  'AuthKit alone': inText(`export { useAuthKit } from '@picahq/authkit'`),
  'AuthKit for a page': inText(
    `import { useAuthKit } from '@picahq/authkit'; window.useAuthKit = useAuthKit`,
  ),
  'functions for pages': inFile('test/bench/page/index.ts'),
};
export type ScriptName = keyof typeof entries | 'pica-connect.min.js';

/** The size in bytes with the best Brotli compression. */
export async function sizeOf(name: ScriptName): Promise<number> {
  const script =
    name === 'pica-connect.min.js' ? await oneFile() : await bundle(entries[name], 'esm');
  const params = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };
  return brotliCompressSync(script, { params }).length;
}

/** The content of a classic or module script. */
export async function scriptOf(name: ScriptName): Promise<Uint8Array> {
  return name === 'pica-connect.min.js' ? oneFile() : bundle(entries[name], 'iife');
}

function oneFile(): Promise<Uint8Array> {
  return readFile(`${folder}/dist/pica-connect.min.js`);
}

/** Builds the package, and installs the peers unless they are installed. */
export async function prepare(progress: (text: string) => void): Promise<void> {
  progress('building the package');
  for (const mode of ['production', 'script-tag-chunks', 'script-tag']) {
    const args = ['vite', 'build', '--mode', mode, '--outDir', `${folder}/dist`];
    await run('npx', [...args, '--logLevel', 'warn']);
  }
  // Bundlers read `sideEffects` from it.
  await copyFile('package.json', `${folder}/package.json`);
  if (!areInstalled()) {
    progress(`installing ${peers}`);
    await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: peers });
  }
}

/** Compares the lock file with npm's record of what is installed. */
function areInstalled(): boolean {
  const installed = join(peers, 'node_modules/.package-lock.json');
  if (!existsSync(installed)) return false;
  const has = packagesOf(installed);
  return Object.entries(packagesOf(join(peers, 'package-lock.json'))).every(
    ([path, { version, optional }]) =>
      path === '' || optional === true || has[path]?.version === version,
  );
}

function packagesOf(lock: string): Record<string, { version?: string; optional?: boolean }> {
  const { packages } = JSON.parse(readFileSync(lock, 'utf8')) as {
    packages: Record<string, { version?: string; optional?: boolean }>;
  };
  return packages;
}
