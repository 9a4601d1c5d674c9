import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { describe } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { overflow, SiteFixture, violations } from './site-fixture.js';

const folder = fileURLToPath(new URL('../../demo/app/pages/gallery', import.meta.url));
const designs = readdirSync(folder)
  .filter((name) => name.endsWith('.html') && name !== 'index.html')
  .map((name) => name.replace('.html', ''));

const rows = (page: Page) => page.locator('pica-connections-list [part="list"] [part="item"]');

describe('the gallery in Chromium', () => {
  const fixture = new SiteFixture();

  fixture.it('shows and links every design', 'gallery/', async (page) => {
    const links = await page
      .locator('main a')
      .evaluateAll((all) => all.map((link) => link.getAttribute('href')));
    assert.deepEqual(links.sort(), designs.map((name) => `${name}.html`).sort());
    assert.equal(designs.length, 8);
    await page.locator('iframe').first().contentFrame().locator('pica-connect-button').waitFor();
    assert.deepEqual(await violations(page), []);
    await page.setViewportSize({ width: 320, height: 640 });
    assert.equal(await overflow(page), 0);
  });

  for (const design of designs) {
    fixture.it(
      `has elements that are accessible and fit into the design ${design}`,
      `gallery/${design}.html`,
      async (page) => {
        await rows(page).nth(4).waitFor();
        // This design imitates an old page, which has no landmarks.
        const within = design === 'tables' ? 'pica-connections-list' : 'html';
        for (const colorScheme of ['light', 'dark'] as const) {
          await page.emulateMedia({ colorScheme });
          assert.deepEqual(await violations(page, within), [], colorScheme);
        }
        for (const width of [320, 768]) {
          await page.setViewportSize({ width, height: 640 });
          assert.equal(await overflow(page), 0, `${width} px`);
        }
      },
    );
  }

  fixture.it(
    'connects an account on the page with hostile CSS',
    'gallery/tables.html',
    async (page) => {
      await rows(page).nth(4).waitFor();
      await page.locator('pica-connect-button').click();
      const authkit = page.frameLocator('#event-link');
      const [popup] = await Promise.all([
        page.waitForEvent('popup'),
        authkit.getByRole('button', { name: 'Continue to Gmail' }).click(),
      ]);
      await popup.getByRole('button', { name: 'Allow' }).click();
      await authkit.getByRole('heading', { name: 'Gmail is connected' }).waitFor();
      await rows(page).nth(5).waitFor();
    },
  );
});
