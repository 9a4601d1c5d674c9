import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { pages } from '../../demo/app/pages/settings/pages.js';
import { DemoProcess, temporaryFolder } from '../end-to-end/demo-process.js';
import { launch } from '../end-to-end/chromium.js';
import { overflow } from './site-fixture.js';

describe('the navigation of the demo’s page', () => {
  let browser: Browser;
  let demo: DemoProcess;
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let page: Page;

  before(async () => {
    folder = await temporaryFolder();
    demo = new DemoProcess({ DATA_FOLDER: folder.path });
    browser = await launch();
    page = await browser.newPage({ viewport: { width: 320, height: 640 } });
    page.setDefaultTimeout(30_000);
  });
  after(async () => {
    await browser.close();
    await demo.end();
    await folder.remove();
  });

  for (const { name, path } of pages) {
    it(`${name} links all pages in the same order, and fits into 320 px`, async () => {
      const origin = await demo.address();
      await page.goto(`${origin}/${path}`);
      // On narrow screens, the documentation shows its links only after a click.
      if (name === 'Docs') await page.getByRole('button', { name: 'mobile navigation' }).click();
      const nav = page.getByRole('navigation', { name: 'Pages' });
      await nav.getByRole('link', { name, exact: true }).waitFor();
      const links = await nav
        .getByRole('link')
        .evaluateAll((all) =>
          all.map((link) => ({ name: link.textContent, href: (link as HTMLAnchorElement).href })),
        );
      assert.deepEqual(
        links,
        pages.map((expected) => ({ name: expected.name, href: `${origin}/${expected.path}` })),
      );
      const current = nav.locator('[aria-current="page"]');
      assert.equal(await current.textContent(), name);
      assert.equal(await overflow(page), 0);
    });
  }
});
