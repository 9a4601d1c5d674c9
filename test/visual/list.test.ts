import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { launch } from '../end-to-end/visit.js';
import { compare, isUpdate } from './baseline.js';
import { HostPage } from './host-page.js';
import { reasonToSkip, writeMadeWith } from './made-with.js';
import { now, views } from './views.js';

/*
 * Every view of the list as a picture, compared with one that was looked at. `npm run test:visual` compares,
 * `npm run test:visual -- --update` writes them anew: look at what has changed before you commit it.
 */
describe('the list looks as it did', () => {
  let browser: Browser;
  let host: HostPage;
  let skip: string | undefined;

  before(async () => {
    host = await HostPage.start();
    // Letters without subpixels and with no hints of the machine's own.
    browser = await launch('--font-render-hinting=none', '--disable-lcd-text');
    skip = isUpdate ? undefined : reasonToSkip(browser.version());
  });

  after(async () => {
    const version = browser.version();
    await browser.close();
    host.close();
    if (isUpdate) writeMadeWith(version);
  });

  for (const [name, { endpoints, act }] of Object.entries(views)) {
    describe(name, () => {
      let page: Page;

      before(async () => {
        if (skip) return;
        page = await browser.newPage({
          timezoneId: 'UTC',
          locale: 'en-US',
          reducedMotion: 'reduce',
          // Everything is in sight, so that every lazy logo is there.
          viewport: { width: 1200, height: 3000 },
        });
        page.setDefaultTimeout(10_000);
        await page.clock.setFixedTime(now);
        host.endpoints = endpoints(host.origin);
        await page.goto(host.origin);
        await act(page, host.endpoints);
      });

      after(async () => {
        if (!skip) await page.close();
      });

      for (const width of [320, 1200]) {
        for (const colorScheme of ['light', 'dark'] as const) {
          for (const dir of ['ltr', 'rtl']) {
            it(`${width} px, ${colorScheme}, ${dir}`, async (test) => {
              if (skip) {
                test.skip(skip);
                return;
              }
              await page.setViewportSize({ width, height: 3000 });
              await page.emulateMedia({ colorScheme });
              await page.evaluate((value) => {
                document.documentElement.dir = value;
              }, dir);
              await settle(page);
              const scrollWidth = await page.evaluate(() => document.documentElement.scrollWidth);
              assert.equal(scrollWidth, width, 'nothing is wider than the screen');
              const picture = await page
                .locator('main')
                .screenshot({ animations: 'disabled', caret: 'hide' });
              compare(`${name}-${width}-${colorScheme}-${dir}`, picture);
            });
          }
        }
      }
    });
  }
});

/** Waits until fonts and logos are there, and the page has been painted with them. */
async function settle(page: Page): Promise<void> {
  await page.waitForFunction(() => {
    const root = document.querySelector('pica-connections-list')?.shadowRoot;
    const images = [...(root?.querySelectorAll('img') ?? [])];
    return document.fonts.status === 'loaded' && images.every(({ complete }) => complete);
  });
}
