import assert from 'node:assert/strict';
import axe from 'axe-core';
import type { LumenPage } from './lumen-page.js';
import type { Stage } from './stage.js';

const small = { width: 320, height: 640 };

export function testLooks(stage: Stage): void {
  stage.it('the page says that it runs against the sandbox', (lumen) =>
    lumen.page.locator('#sandbox', { hasText: 'Sandbox' }).waitFor(),
  );

  for (const colorScheme of ['light', 'dark'] as const) {
    stage.it(
      `axe finds nothing to complain about in ${colorScheme} colors`,
      async (lumen) => {
        await lumen.connect('Gmail');
        await lumen.items.waitFor();
        assert.deepEqual(await violations(lumen), []);
      },
      { colorScheme },
    );
  }

  stage.it(
    'nothing is wider than a screen of 320 px',
    async (lumen) => {
      await lumen.connect('Gmail');
      await lumen.items.waitFor();
      assert.equal(await lumen.page.evaluate(() => document.documentElement.scrollWidth), 320);
    },
    { viewport: small },
  );

  stage.it('AuthKit follows the color scheme that the user chooses', async (lumen) => {
    await lumen.button('Dark').click();
    await lumen.button('Connect Gmail').click();
    await lumen.authkit.locator('html[data-theme="dark"]').waitFor();
  });

  stage.it('the color scheme that was chosen is still there after a reload', async (lumen) => {
    await lumen.button('Dark').click();
    await lumen.page.reload();
    await lumen.page.getByRole('button', { name: 'Dark', pressed: true }).waitFor();
  });

  stage.it("the page's Content-Security-Policy refuses nothing", async (lumen) => {
    const complaints: string[] = [];
    lumen.page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    await lumen.page.reload();
    await lumen.connect('Gmail');
    await lumen.items.waitFor();
    assert.deepEqual(complaints, []);
  });

  stage.it('the HTML of the elements is shown as it can be copied', async (lumen) => {
    const html = await lumen.page.locator('#html').textContent();
    assert.match(html ?? '', /^<script src="\S+pica-connect.min.js" defer><\/script>/);
    assert.match(html ?? '', /<pica-connections-list\s+token-url="\/api\/authkit\/token"/);
  });

  stage.it('a user who signs in in another tab is the user in this one too', async (lumen) => {
    const other = await lumen.page.context().newPage();
    await other.goto(lumen.page.url());
    await other.getByRole('button', { name: 'Grace Hopper' }).click();
    await other.getByRole('button', { name: 'Grace Hopper', pressed: true }).waitFor();
    await lumen.page.evaluate(() => window.dispatchEvent(new Event('focus')));
    await lumen.page.getByRole('button', { name: 'Grace Hopper', pressed: true }).waitFor();
  });
}

/** What axe has found on a page: the rule and the place of each. */
export async function violations({ page }: Pick<LumenPage, 'page'>): Promise<string[]> {
  await page.evaluate(axe.source);
  const results = await page.evaluate(() =>
    (window as unknown as { axe: typeof axe }).axe.run(document),
  );
  return results.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target }) => `${id}: ${target.join(' ')}`),
  );
}
