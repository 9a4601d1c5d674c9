import assert from 'node:assert/strict';
import type { LumenPage } from './lumen-page.js';
import type { Stage } from './stage.js';

export function testUsing(stage: Stage): void {
  stage.it('a test message is sent through a connection, and the page says so', async (lumen) => {
    await lumen.connect('Gmail');
    const button = lumen.button('Send a test message');
    await button.click();
    await lumen.page.getByRole('status').getByText('It arrived (status 200).').waitFor();
    assert.equal(await button.evaluate((element) => element === document.activeElement), true);
    const described = await button.getAttribute('aria-describedby');
    assert.match((await lumen.page.locator(`#${described ?? ''}`).textContent()) ?? '', /gmail/);
  });

  stage.it('a test message that does not arrive says why', async (lumen) => {
    await lumen.connect('Gmail');
    const button = lumen.button('Send a test message');
    await button.waitFor();
    await emptyVault(lumen);
    await button.click();
    const outcome = lumen.page.getByRole('status').getByText(/did not arrive.*404.*Reconnect/);
    await outcome.waitFor();
  });

  stage.it('what is disconnected can no longer be used on the page', async (lumen) => {
    await lumen.connect('Gmail');
    const button = lumen.button('Send a test message');
    await button.waitFor();
    for (const { connection_key } of await lumen.rows()) {
      await lumen.page.request.delete(`/api/connections/${encodeURIComponent(connection_key)}`);
    }
    await lumen.page.evaluate(() => document.querySelector('pica-connections-list')?.refresh());
    await button.waitFor({ state: 'detached' });
  });

  stage.it('the examples are known to the sandbox too, and can be used', async (lumen) => {
    await lumen.button('Add examples in every state').click();
    await lumen.page.locator('#uses li').nth(11).waitFor();
    const first = lumen.page.locator('#uses li', { hasText: 'sales@lumen.example' });
    await first.getByRole('button').click();
    await first.getByText('It arrived (status 200).').waitFor();
  });
}

async function emptyVault(lumen: LumenPage): Promise<void> {
  const config = await lumen.page.request.get('/api/config');
  const { baseUrl } = (await config.json()) as { baseUrl: string };
  await lumen.page.request.delete(new URL('/sandbox/vault', baseUrl).href);
}
