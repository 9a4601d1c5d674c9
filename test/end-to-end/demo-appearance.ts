import assert from 'node:assert/strict';
import axe from 'axe-core';
import type { DemoPage } from './demo-page.js';
import type { DemoFixture } from './demo-fixture.js';

const small = { width: 320, height: 640 };

export function defineAppearanceTests(fixture: DemoFixture): void {
  fixture.it('the page says that it runs against the sandbox', (demo) =>
    demo.page.locator('#sandbox', { hasText: 'Sandbox' }).waitFor(),
  );

  for (const colorScheme of ['light', 'dark'] as const) {
    fixture.it(
      `axe finds no violations in ${colorScheme} colors`,
      async (demo) => {
        await demo.connect('Gmail');
        await demo.items.waitFor();
        assert.deepEqual(await violations(demo), []);
      },
      { colorScheme },
    );
  }

  fixture.it(
    'nothing is wider than a screen of 320 px',
    async (demo) => {
      await demo.connect('Gmail');
      await demo.items.waitFor();
      assert.equal(await demo.page.evaluate(() => document.documentElement.scrollWidth), 320);
    },
    { viewport: small },
  );

  fixture.it('AuthKit follows the color scheme that the user chooses', async (demo) => {
    await demo.button('Dark').click();
    await demo.button('Connect Gmail').click();
    await demo.authkit.locator('html[data-theme="dark"]').waitFor();
  });

  fixture.it('the chosen color scheme survives a reload', async (demo) => {
    await demo.button('Dark').click();
    await demo.page.reload();
    await demo.page.getByRole('button', { name: 'Dark', pressed: true }).waitFor();
  });

  fixture.it("the page's Content-Security-Policy blocks nothing", async (demo) => {
    const errors: string[] = [];
    demo.page.on('console', (message) => {
      if (message.type() === 'error') errors.push(message.text());
    });
    await demo.page.reload();
    await demo.connect('Gmail');
    await demo.items.waitFor();
    assert.deepEqual(errors, []);
  });

  fixture.it('the HTML of the elements is shown, ready to copy', async (demo) => {
    const html = await demo.page.locator('#html').textContent();
    assert.match(html ?? '', /^<script src="\S+pica-connect.min.js" defer><\/script>/);
    assert.match(html ?? '', /<pica-connections-list\s+token-url="\/api\/authkit\/token"/);
  });

  fixture.it('signing in as another user in another tab also applies to this tab', async (demo) => {
    const other = await demo.page.context().newPage();
    await other.goto(demo.page.url());
    await other.getByRole('button', { name: 'Grace Hopper' }).click();
    await other.getByRole('button', { name: 'Grace Hopper', pressed: true }).waitFor();
    await demo.page.evaluate(() => window.dispatchEvent(new Event('focus')));
    await demo.page.getByRole('button', { name: 'Grace Hopper', pressed: true }).waitFor();
  });
}

/** Returns the violations that axe finds: rule and place of each. */
export async function violations({ page }: Pick<DemoPage, 'page'>): Promise<string[]> {
  await page.evaluate(axe.source);
  const results = await page.evaluate(() =>
    (window as unknown as { axe: typeof axe }).axe.run(document),
  );
  return results.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target }) => `${id}: ${target.join(' ')}`),
  );
}
