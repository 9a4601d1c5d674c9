import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { docsFolder } from '../../demo/app/start/build-docs.js';
import { DocsServer } from './docs-server.js';
import { launch } from '../end-to-end/chromium.js';

/* test/runner/run.ts builds the site before it runs these tests. */
describe('the documentation site', () => {
  let site: DocsServer;
  let browser: Browser;

  before(async () => {
    site = await DocsServer.start();
    browser = await launch();
  });
  after(async () => {
    await browser.close();
    await site.stop();
  });

  const htmlOf = (page: string) => readFileSync(join(docsFolder, page), 'utf8');
  const attributesOf = (html: string, name: string) =>
    [...html.matchAll(new RegExp(`\\s${name}="([^"]*)"`, 'g'))].map(([, value = '']) => value);

  it('has no dead links to pages or headings', () => {
    const ids = new Map(site.pages.map((page) => [page, attributesOf(htmlOf(page), 'id')]));
    const deadLinks = site.pages.flatMap((page) =>
      attributesOf(htmlOf(page), 'href')
        .map((href) => new URL(href, site.addressOf(page)))
        .filter(({ origin, pathname }) => origin === site.origin && pathname.startsWith('/docs/'))
        .filter(({ pathname, hash }) => {
          const target = pathname.slice('/docs/'.length).replace(/(^|\/)$/, '$1index.html');
          const isFile = !target.endsWith('.html') && existsSync(join(docsFolder, target));
          const anchor = decodeURIComponent(hash.slice(1));
          return !isFile && !(ids.get(target) && (!anchor || ids.get(target)?.includes(anchor)));
        })
        .map(({ pathname, hash }) => `${page}: ${pathname}${hash}`),
    );
    assert.deepEqual(deadLinks, []);
  });

  it('has no dead links to files of the repository', () => {
    const deadLinks = readdirSync('demo/docs', { recursive: true, encoding: 'utf8' })
      .filter((page) => page.endsWith('.md') && !page.startsWith('.vitepress'))
      .flatMap((page) => {
        const text = readFileSync(join('demo/docs', page), 'utf8').replace(/^```.*?^```/gms, '');
        return [...text.matchAll(/\]\((?![a-z]+:|#|\/)([^)#\s]+)/g)]
          .map(([, path = '']) => decodeURIComponent(path))
          .filter((path) => !existsSync(join('demo/docs', dirname(page), path)))
          .map((path) => `${page}: ${path}`);
      });
    assert.deepEqual(deadLinks, []);
  });

  it('has every page in its sidebar', () => {
    const links = attributesOf(htmlOf('index.html'), 'href');
    const missingPages = site.pages.filter(
      (page) => !links.includes(`/docs/${page.replace(/index\.html$/, '')}`),
    );
    assert.deepEqual(missingPages, []);
  });

  describe('without a network', () => {
    let page: Page;
    let externalRequests: string[];

    before(async () => {
      const context = await browser.newContext();
      context.setDefaultTimeout(20_000);
      externalRequests = await site.blockExternalRequests(context);
      page = await context.newPage();
      await page.goto(site.addressOf(''));
    });
    after(() => page.context().close());

    it('finds a page by a word in its text', async () => {
      await page.getByRole('button', { name: 'Search' }).click();
      await page.getByRole('searchbox').fill('Clear-Site-Data');
      await page.getByRole('option').filter({ hasText: 'outbox' }).first().click();
      await page.waitForURL('**/docs/saving.html*');
      await page.getByRole('heading', { name: 'The outbox' }).waitFor();
    });

    it('requests nothing from other origins', () => {
      assert.deepEqual(externalRequests, []);
    });

    // The browser prefers light colors here, so VitePress stores a switch to light as the automatic choice.
    it("shares the color scheme with the demo's page", async () => {
      await page.evaluate(() => localStorage.setItem('lumen-color-scheme', 'dark'));
      await page.reload();
      await page.locator('html.dark').waitFor();
      await page.getByRole('switch', { name: /light/i }).first().click();
      await page.locator('html:not(.dark)').waitFor();
      assert.equal(
        await page.evaluate(() => localStorage.getItem('lumen-color-scheme')),
        'light dark',
      );
    });
  });
});
