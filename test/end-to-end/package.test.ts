import assert from 'node:assert/strict';
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

describe('the ES modules', () => {
  for (const entry of ['pica-connect', 'pica-connect/button', 'pica-connect/list']) {
    it(`can be imported on a server: ${entry}`, async () => {
      const exports = await load(entry);
      assert.equal(typeof Object.values(exports)[0], 'function');
    });
  }

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
    const { version } = JSON.parse(
      await readFile(new URL('../../package.json', import.meta.url), 'utf8'),
    ) as { version: string };
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
