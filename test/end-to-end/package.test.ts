import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import type { LocaleScope } from '../../src/localization/registry.js';

/** Imports an entry point of the built package by its public name, as a host does. */
const load = (entry: string) => import(entry) as Promise<Record<string, unknown>>;

const readBuilt = (name: string) =>
  readFile(new URL(`../../dist/${name}`, import.meta.url), 'utf8');

const packageJson = async () =>
  JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string;
    exports: Record<string, unknown>;
  };

describe('the package', () => {
  /** The files that `npm pack` includes. */
  const packedFiles = (): string[] => {
    const packing = spawnSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
      encoding: 'utf8',
    });
    const [packed] = Object.values(JSON.parse(packing.stdout) as { files: { path: string }[] }[]);
    return packed?.files.map(({ path }) => path) ?? [];
  };

  it('has its entry points and licences, and no files that do not belong there', () => {
    const files = packedFiles();
    const required = [
      ...['index', 'button', 'list', 'classes', 'frameworks/react', 'frameworks/jsx'].flatMap(
        (name) => [`dist/${name}.js`, `dist/${name}.d.ts`],
      ),
      ...['dist/frameworks/vue.js', 'dist/frameworks/vue.d.ts'],
      ...['', '.map', '.LICENSE.txt'].flatMap((end) => [
        `dist/pica-connect.min.js${end}`,
        `dist/pica-connect.all.min.js${end}`,
      ]),
      ...['.diagnosis', ''].flatMap((name) =>
        ['', '.map'].map((end) => `dist/pica-connect${name}.js${end}`),
      ),
      ...['dist/locales/de.js', 'dist/locales/de.d.ts', 'dist/locales/zh-TW.js'],
      'dist/doctor.js',
      ...['dist/web-types.json', 'dist/custom-elements.json', 'custom-elements.json'],
      ...['dist/vscode.html-custom-data.json', 'dist/vscode.css-custom-data.json'],
      ...['LICENSE', 'LICENSES.md', 'README.md', 'package.json'],
    ];
    assert.deepEqual(
      required.filter((name) => !files.includes(name)),
      [],
      'missing',
    );
    // A module with its types and map for each source, the chunks of the ES module, and the pages that errors link to.
    const allowed =
      /^(dist\/[\w./@-]+\.(js|js\.map|d\.ts)|dist\/chunks\/opener-[\w-]+\.js\.LICENSE\.txt|demo\/docs\/errors\/[\w-]+\.md)$/;
    const chunks = files.filter((name) => /^dist\/chunks\/.*\.js$/.test(name));
    assert.deepEqual(
      chunks.map((name) => name.replace(/^dist\/chunks\/|-[\w-]{8}\.js$/g, '')).sort(),
      ['diagnosis', 'list-actions', 'opener', 'preload', 'window-surface'],
    );
    assert.deepEqual(
      files.filter((file) => !required.includes(file) && !allowed.test(file)),
      [],
      'unexpected',
    );
    assert.deepEqual(
      files.filter((file) => /(^|\/)(src|test|demo)\/(?!docs\/errors\/)|[.]test[.]/.test(file)),
      [],
    );
  });

  it('has a README without the hash of the one-file build, which npm pack adds', async () => {
    const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
    assert.match(readme, /integrity="sha384-…"/);
  });
});

describe('the ES modules', () => {
  it('can all be imported on a server, and export nothing if they only have types', async () => {
    const { exports } = await packageJson();
    const entries = Object.keys(exports).filter((entry) => !/[*]|json$/.test(entry));
    assert.deepEqual(entries, [
      '.',
      './button',
      './list',
      './classes',
      './react',
      './jsx',
      './vue',
    ]);
    for (const entry of entries) {
      const exported = Object.values(await load(entry.replace(/^[.]/, 'pica-connect')));
      const isTypesOnly = entry === './jsx' || entry === './vue';
      assert.equal(exported.length === 0, isTypesOnly, entry);
    }
  });

  it('include languages that can be imported on a server', async () => {
    await load('pica-connect/locales/de');
    const loaded = (globalThis as LocaleScope)[Symbol.for('pica-connect.locales')] ?? [];
    assert.equal(loaded.find(([tag]) => tag === 'de')?.[1].connect, 'Verbinden');
    assert.doesNotMatch(await readBuilt('locales/de.js'), /^import /m);
  });

  it('mark the React components as client components', async () => {
    assert.match(await readBuilt('frameworks/react.js'), /^"use client";\n/);
  });

  it('register no element when only the classes are imported', async () => {
    const classes = await load('pica-connect/classes');
    assert.equal(typeof classes.PicaConnectButton, 'function');
    assert.doesNotMatch(await readBuilt('classes.js'), /define\(/);
  });

  it('import Lit and AuthKit instead of including them', async () => {
    assert.match(await readBuilt('authkit/open-with-own-globals.js'), /from "@picahq\/authkit"/);
    assert.match(await readBuilt('connect-button/connect-button.js'), /from "lit"/);
  });
});
