import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { DocsServer } from '../site/docs-server.js';
import { violations } from '../end-to-end/demo-appearance.js';
import { launch } from '../end-to-end/chromium.js';

/* Checking every page of the documentation takes too long for the suite `site`. */
const site = await DocsServer.start();

describe('each page of the documentation', () => {
  let browser: Browser;
  let page: Page;

  before(async () => {
    browser = await launch();
    const context = await browser.newContext({
      viewport: { width: 320, height: 640 },
      reducedMotion: 'reduce',
    });
    context.setDefaultTimeout(30_000);
    page = await context.newPage();
  });
  after(async () => {
    await browser.close();
    await site.stop();
  });

  for (const path of site.pages) {
    it(`fits into 320 px and passes axe in light and dark: ${path}`, async () => {
      await page.emulateMedia({ colorScheme: 'light' });
      await page.goto(site.addressOf(path), { waitUntil: 'load' });
      await page.locator('html:not(.dark)').waitFor();
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 320);
      assert.deepEqual(await violations({ page }), []);
      await page.emulateMedia({ colorScheme: 'dark' });
      await page.locator('html.dark').waitFor();
      assert.deepEqual(await violations({ page }), []);
    });
  }
});
