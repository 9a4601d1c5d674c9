import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { launch } from '../end-to-end/chromium.js';

/* Runs the script tags of the page about the package's files, with the CDN's files from dist. */

const text = await readFile('demo/docs/files.md', 'utf8');
const tags = [...text.matchAll(/```html\n(.*?)```/gs)].map(([, code = '']) => code);
const page = 'http://host.example/';

describe('the script tags in files.md', () => {
  let browser: Browser;

  before(async () => {
    browser = await launch();
  });
  after(() => browser.close());

  it('are for each file that the page lists', () => {
    const listed = [...text.matchAll(/^\| `(pica-connect[\w.]*\.js)`/gm)].map(([, name]) => name);
    assert.deepEqual(
      tags.map((tag) => /dist\/([\w.-]+\.js)"/.exec(tag)?.[1]),
      listed,
    );
  });

  for (const tag of tags) {
    const file = /dist\/([\w.-]+\.js)"/.exec(tag)?.[1] ?? '';
    it(`${file} defines elements that work, and downloads later what the page says`, async () => {
      const context = await browser.newContext();
      const fetched: string[] = [];
      await context.route('**/*', async (route) => {
        const { href, pathname } = new URL(route.request().url());
        if (href === page) {
          const body = `<!doctype html><html lang="de">${tag}<pica-connect-button preload="none"></pica-connect-button></html>`;
          await route.fulfill({ contentType: 'text/html', body });
          return;
        }
        const path = /\/npm\/pica-connect@[\d.]+\/(dist\/.*)$/.exec(pathname)?.[1];
        if (!path) {
          await route.fulfill({ status: 404, body: '' });
          return;
        }
        fetched.push(path.replace(/^dist\/|-[\w-]{8}(?=\.js)/g, ''));
        await route.fulfill({
          contentType: 'text/javascript',
          headers: { 'access-control-allow-origin': '*' },
          body: await readFile(path, 'utf8'),
        });
      });
      const view = await context.newPage();
      await view.goto(page);
      const button = view.getByRole('button', { name: 'Verbinden' });
      await button.waitFor();
      const code = view.evaluate(
        () =>
          new Promise((resolve) => {
            document.addEventListener('pica-error', ({ detail }) => {
              resolve(detail.error.code);
            });
          }),
      );
      await button.click();
      assert.equal(await code, 'token-url-missing');
      const later: Record<string, string[]> = {
        'pica-connect.min.js': ['pica-connect.languages.js', 'locales/de.js'],
        'pica-connect.all.min.js': [],
        'pica-connect.js': ['locales/de.js', 'chunks/opener.js'],
      };
      assert.deepEqual(fetched, [file, ...(later[file] ?? ['unknown'])]);
      await context.close();
    });
  }
});
