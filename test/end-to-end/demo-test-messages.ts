import assert from 'node:assert/strict';
import type { DemoPage } from './demo-page.js';
import type { DemoFixture } from './demo-fixture.js';

export function defineTestMessageTests(fixture: DemoFixture): void {
  fixture.it(
    'a test message is sent through a connection, and the page reports it',
    async (demo) => {
      await demo.connect('Gmail');
      const button = demo.button('Send a test message');
      await button.click();
      await demo.page.getByRole('status').getByText('It arrived (status 200).').waitFor();
      assert.equal(await button.evaluate((element) => element === document.activeElement), true);
      const described = await button.getAttribute('aria-describedby');
      assert.match((await demo.page.locator(`#${described ?? ''}`).textContent()) ?? '', /gmail/);
    },
  );

  fixture.it('the page says why a test message did not arrive', async (demo) => {
    await demo.connect('Gmail');
    const button = demo.button('Send a test message');
    await button.waitFor();
    await emptyVault(demo);
    await button.click();
    const outcome = demo.page.getByRole('status').getByText(/did not arrive.*404.*Reconnect/);
    await outcome.waitFor();
  });

  fixture.it('a disconnected account can no longer send test messages', async (demo) => {
    await demo.connect('Gmail');
    const button = demo.button('Send a test message');
    await button.waitFor();
    for (const { connection_key } of await demo.rows()) {
      await demo.page.request.delete(`/api/connections/${encodeURIComponent(connection_key)}`);
    }
    await demo.page.evaluate(() => document.querySelector('pica-connections-list')?.refresh());
    await button.waitFor({ state: 'detached' });
  });

  fixture.it('the examples are in the sandbox too, and can send test messages', async (demo) => {
    await demo.button('Add examples in every state').click();
    await demo.page.locator('#test-messages li').nth(11).waitFor();
    const first = demo.page.locator('#test-messages li', { hasText: 'sales@lumen.example' });
    await first.getByRole('button').click();
    await first.getByText('It arrived (status 200).').waitFor();
  });
}

async function emptyVault(demo: DemoPage): Promise<void> {
  const config = await demo.page.request.get('/api/config');
  const { baseUrl } = (await config.json()) as { baseUrl: string };
  await demo.page.request.delete(new URL('/sandbox/vault', baseUrl).href);
}
