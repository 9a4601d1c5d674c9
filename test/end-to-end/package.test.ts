import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { launch } from './visit.js';

/** The built package, as a page or a server gets it. */

/** An entry point, by the name that a host imports it by; it is there once it has been built. */
const load = (entry: string) => import(entry) as Promise<Record<string, unknown>>;

const built = (name: string) => readFile(new URL(`../../dist/${name}`, import.meta.url), 'utf8');

const packageJson = async () =>
  JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string;
    exports: Record<string, unknown>;
  };

describe('the package', () => {
  /** What `npm pack` would put into it. */
  const contents = (): string[] => {
    const packing = spawnSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
      encoding: 'utf8',
    });
    const [packed] = Object.values(JSON.parse(packing.stdout) as { files: { path: string }[] }[]);
    return packed?.files.map(({ path }) => path) ?? [];
  };

  it('has what its exports name, and its licences, and nothing that is not meant to be there', () => {
    const files = contents();
    const named = [
      ...['index', 'button', 'list', 'classes', 'frameworks/react', 'frameworks/jsx'].flatMap(
        (name) => [`dist/${name}.js`, `dist/${name}.d.ts`],
      ),
      ...['dist/frameworks/vue.js', 'dist/frameworks/vue.d.ts'],
      ...['', '.map', '.LICENSE.txt'].map((end) => `dist/pica-connect.min.js${end}`),
      ...['dist/web-types.json', 'dist/custom-elements.json', 'custom-elements.json'],
      ...['dist/vscode.html-custom-data.json', 'dist/vscode.css-custom-data.json'],
      ...['LICENSE', 'LICENSES.md', 'README.md', 'package.json'],
    ];
    assert.deepEqual(
      named.filter((name) => !files.includes(name)),
      [],
      'missing',
    );
    // Modules, their types and maps, one for each source.
    const module = /^dist\/[\w./@-]+\.(js|js\.map|d\.ts)$/;
    assert.deepEqual(
      files.filter((file) => !named.includes(file) && !module.test(file)),
      [],
      'not meant to be there',
    );
    assert.deepEqual(
      files.filter((file) => /(^|\/)(src|test|demo)\/|[.]test[.]/.test(file)),
      [],
    );
  });

  it('leaves the hash of the one file to npm pack, which knows it', async () => {
    const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
    assert.match(readme, /integrity="sha384-…"/);
  });
});

describe('the ES modules', () => {
  it('can all be imported on a server, with what has no types left out', async () => {
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

  it('say that the React components are for the client', async () => {
    assert.match(await built('frameworks/react.js'), /^"use client";\n/);
  });

  it('register nothing when only the classes are imported', async () => {
    const classes = await load('pica-connect/classes');
    assert.equal(typeof classes.PicaConnectButton, 'function');
    assert.doesNotMatch(await built('classes.js'), /define\(/);
  });

  it('leave Lit and AuthKit to the installer', async () => {
    assert.match(await built('authkit/session.js'), /from "@picahq\/authkit"/);
    assert.match(await built('pica-connect-button.js'), /from "lit"/);
  });
});

describe('the one file', () => {
  let browser: Browser;
  let server: Server;
  let origin: string;
  let html = '';

  before(async () => {
    const script = await built('pica-connect.min.js');
    server = createServer((request, response) => {
      const isScript = request.url === '/pica-connect.min.js';
      response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
      response.end(isScript ? script : html);
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    origin = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
    browser = await launch();
  });

  after(async () => {
    await browser.close();
    server.closeAllConnections();
    server.close();
  });

  const label = (page: Page) =>
    page.locator('pica-connect-button').getByRole('button', { name: 'Connect Gmail' });
  const tags =
    '<pica-connect-button selected-connection="Gmail"></pica-connect-button><pica-connections-list></pica-connections-list>';

  for (const [what, head, foot] of [
    ['a classic script', '<script src="/pica-connect.min.js" defer></script>', ''],
    ['a module script', '<script src="/pica-connect.min.js" type="module"></script>', ''],
    ['a script at the end', '', '<script src="/pica-connect.min.js"></script>'],
    [
      'two scripts',
      '<script src="/pica-connect.min.js" async></script>',
      '<script src="/pica-connect.min.js" type="module"></script>',
    ],
  ] as const) {
    it(`works as ${what}`, async () => {
      html = `<!doctype html><head>${head}</head><body>${tags}${foot}</body>`;
      const page = await browser.newPage();
      const errors: string[] = [];
      page.on('pageerror', ({ message }) => errors.push(message));
      await page.goto(origin, { waitUntil: 'load' });
      await label(page).waitFor();
      await page.getByRole('heading', { name: 'Connections' }).waitFor();
      const isButton = await page.evaluate(
        () =>
          document.querySelector('pica-connect-button') instanceof
          (window.PicaConnect?.PicaConnectButton ?? Error),
      );
      assert.ok(isButton, 'window.PicaConnect has the class of the element');
      assert.deepEqual(errors, []);
      await page.close();
    });
  }

  it('says its version and its licence, and brings the text of that', async () => {
    const { version } = await packageJson();
    const [firstLine = ''] = (await built('pica-connect.min.js')).split('\n');
    assert.ok(firstLine.startsWith(`/*! pica-connect ${version} | GPL-3.0`), firstLine);
    const licence = await built('pica-connect.min.js.LICENSE.txt');
    assert.match(licence, /GNU GENERAL PUBLIC LICENSE\s+Version 3/);
  });

  it('has a source map', async () => {
    const { sources } = JSON.parse(await built('pica-connect.min.js.map')) as { sources: string[] };
    assert.ok(sources.some((source) => source.endsWith('src/pica-connect-button.ts')));
  });
});
