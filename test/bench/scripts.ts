import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { copyFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompressSync, constants } from 'node:zlib';
import { build, type Plugin } from 'esbuild';

const run = promisify(execFile);

/** Built anew, and here, so that dist/ may be built anew meanwhile. */
export const folder = '.test-results/bench';
const peers = 'test/bench/peers';

/** What is loaded when it is first needed is no part of what a page loads. */
const withoutLaterParts: Plugin = {
  name: 'without-later-parts',
  setup: (builder) =>
    builder.onResolve({ filter: /./ }, ({ kind, path }) =>
      kind === 'dynamic-import' ? { path, external: true } : undefined,
    ),
};

/** Makes one script of an entry and of what it imports, as a host's bundler does. */
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
    // What has nothing to do on its own is left out, which is meant.
    logOverride: { 'ignored-bare-import': 'silent' },
    plugins: [withoutLaterParts],
    write: false,
  });
  const [file] = outputFiles;
  if (!file) throw new Error('esbuild has made nothing.');
  return file.contents;
}

const inFile = (path: string, external: string[] = []) => ({ entryPoints: [path], external });
const inText = (contents: string) => ({ stdin: { contents, resolveDir: '.' } });

/** What can be measured, each by its name. */
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
  'what is measured in a page': inFile('test/bench/page/index.ts'),
};
export type ScriptName = keyof typeof entries | 'pica-connect.min.js';

/** Bytes as they are sent, by Brotli at its best. */
export async function sizeOf(name: ScriptName): Promise<number> {
  const script =
    name === 'pica-connect.min.js' ? await oneFile() : await bundle(entries[name], 'esm');
  const params = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };
  return brotliCompressSync(script, { params }).length;
}

/** The script for a `<script>`, whatever its type. */
export async function scriptOf(name: ScriptName): Promise<Uint8Array> {
  return name === 'pica-connect.min.js' ? oneFile() : bundle(entries[name], 'iife');
}

function oneFile(): Promise<Uint8Array> {
  return readFile(`${folder}/dist/pica-connect.min.js`);
}

/** Builds the package, and installs what it is measured beside unless that is there. */
export async function prepare(progress: (text: string) => void): Promise<void> {
  progress('building the package');
  for (const mode of ['production', 'script-tag-chunks', 'script-tag']) {
    const args = ['vite', 'build', '--mode', mode, '--outDir', `${folder}/dist`];
    await run('npx', [...args, '--logLevel', 'warn']);
  }
  // Says what bundlers may leave out.
  await copyFile('package.json', `${folder}/package.json`);
  if (!areInstalled()) {
    progress(`installing ${peers}`);
    await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: peers });
  }
}

/** npm keeps what it has installed in a file of the lock's form. */
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
