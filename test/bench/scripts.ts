import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { copyFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build, type Plugin } from 'esbuild';

const run = promisify(execFile);

/** The bench has its own build, so that dist/ can be rebuilt during a run. */
export const folder = '.test-results/bench';
const peers = 'test/bench/peers';

const inFile = (path: string, external: string[] = []) => ({ entryPoints: [path], external });
const inText = (contents: string) => ({ stdin: { contents, resolveDir: '.' } });

/** Scripts that esbuild bundles, as a host does. */
const bundled = {
  'pica-connect/button': inFile(`${folder}/dist/button.js`),
  'pica-connect/list': inFile(`${folder}/dist/list.js`),
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
export type BundledName = keyof typeof bundled;

/** Files of the package. Each loads its other parts by itself. */
export const files = ['pica-connect.min.js', 'pica-connect.js'] as const;
export type FileName = (typeof files)[number];

export type ScriptName = BundledName | FileName;

/** How every bundle of the bench is made. */
export const bundling = {
  bundle: true,
  minify: true,
  target: 'es2022',
  define: { 'process.env.NODE_ENV': '"production"' },
  legalComments: 'none',
  logLevel: 'warning',
  // Imports without side effects are dropped on purpose.
  logOverride: { 'ignored-bare-import': 'silent' },
  write: false,
} as const;

export const bundledEntry = (name: BundledName) => bundled[name];

/** The content of a script for a page. */
export async function scriptOf(name: ScriptName): Promise<Uint8Array> {
  if (isFile(name)) return readFile(`${folder}/dist/${name}`);
  const { outputFiles } = await build({
    ...bundled[name],
    ...bundling,
    format: 'iife',
    plugins: [withoutLaterParts],
  });
  const [file] = outputFiles;
  if (!file) throw new Error('esbuild produced no output.');
  return file.contents;
}

/** A classic script can't have chunks, and nothing that is measured with these scripts needs later parts. */
const withoutLaterParts: Plugin = {
  name: 'without-later-parts',
  setup: (builder) =>
    builder.onResolve({ filter: /./ }, ({ kind, path }) =>
      kind === 'dynamic-import' ? { path, external: true } : undefined,
    ),
};

export const isFile = (name: string): name is FileName => files.some((file) => file === name);

/** Builds the package, and installs the peers unless they are installed. */
export async function prepare(progress: (text: string) => void): Promise<void> {
  progress('building the package');
  for (const mode of ['production', 'script-tag-chunks', 'script-tag', 'script-module']) {
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
