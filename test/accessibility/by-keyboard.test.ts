import assert from 'node:assert/strict';
import { describe } from 'node:test';
import type { Page } from 'playwright-core';
import { DemoFixture } from '../end-to-end/demo-fixture.js';
import { nodesOf } from './tree.js';

/** What has the focus, by the name that assistive technology says. */
async function focused(page: Page): Promise<string> {
  const session = await page.context().newCDPSession(page);
  const nodes = await nodesOf(session);
  await session.detach();
  // The page itself counts as focused too, as long as its window is.
  const found = nodes.findLast(({ properties = [] }) =>
    properties.some(({ name, value }) => name === 'focused' && value.value === true),
  );
  return found?.name?.value ?? '';
}

/** Presses Tab until what is wanted has the focus, and answers all that had it on the way there. */
async function tabTo(page: Page, wanted: string): Promise<string[]> {
  const order: string[] = [];
  while (order.at(-1) !== wanted) {
    assert.ok(order.length < 30, `${wanted} is not reached: ${order.join(', ')}`);
    await page.keyboard.press('Tab');
    order.push(await focused(page));
  }
  return order;
}

/** The demo from the top of the page to a stored connection and away from it, by nothing but keys. */
describe('by keyboard alone', () => {
  const fixture = new DemoFixture();

  fixture.it('an account is connected, and disconnected', async (demo) => {
    const { page } = demo;
    const { keyboard } = page;
    await page.reload();
    await demo.button('Connect Gmail').waitFor();

    assert.deepEqual(await tabTo(page, 'Connect Slack'), [
      'Skip to the content',
      ...['Demo', 'Docs', 'Playground', 'Gallery', 'Doctor'],
      ...['Ada Lovelace', 'Grace Hopper'],
      ...['Auto', 'Light', 'Dark'],
      ...['Connect an account', 'Connect Gmail', 'Connect Slack'],
    ]);
    await keyboard.press('Shift+Tab');
    assert.equal(await focused(page), 'Connect Gmail');

    // The focus goes into AuthKit's page, to what it begins with.
    await keyboard.press('Enter');
    const onward = demo.authkit.getByRole('button', { name: 'Continue to Gmail' });
    await onward.waitFor();
    await demo.authkit.locator('button:focus', { hasText: 'Continue to Gmail' }).waitFor();
    const [popup] = await Promise.all([page.waitForEvent('popup'), keyboard.press('Enter')]);

    // The integration's own page, in a window of its own.
    await popup.getByRole('button', { name: 'Allow' }).waitFor();
    await tabTo(popup, 'Allow');
    await Promise.all([popup.waitForEvent('close'), popup.keyboard.down('Enter')]);

    await demo.waitForText('Gmail is connected');
    await demo.authkit.locator('button:focus', { hasText: 'Done' }).waitFor();
    await demo.closeWithKey('Enter');
    await page.waitForFunction(() => document.activeElement?.localName === 'pica-connect-button');
    assert.equal(await focused(page), 'Connect Gmail');

    // On to the new row, which asks once more before it goes.
    await demo.items.first().waitFor();
    const row = 'Disconnect Gmail';
    assert.deepEqual(await tabTo(page, row), [
      'Connect Slack',
      'Search connections',
      'Category',
      row,
    ]);
    await keyboard.press('Enter');
    await page.locator('[data-action="confirm"]:focus').waitFor();
    await keyboard.press('Escape');
    await page.locator('[data-action="ask"]:focus').waitFor();
    await keyboard.press('Enter');
    await page.locator('[data-action="confirm"]:focus').waitFor();
    await keyboard.press('Enter');
    await demo.items.first().waitFor({ state: 'detached' });
    await page.getByRole('status').getByText('Gmail was disconnected.').waitFor();
    assert.deepEqual(await demo.rows(), []);
  });

  fixture.it('AuthKit is left by Escape, and the focus is where it was', async (demo) => {
    const { page } = demo;
    await tabTo(page, 'Connect Gmail');
    await page.keyboard.press('Enter');
    await demo.authkit.locator('button:focus', { hasText: 'Continue to Gmail' }).waitFor();
    await demo.closeWithKey('Escape');
    await page.waitForFunction(() => document.activeElement?.localName === 'pica-connect-button');
    assert.equal(await focused(page), 'Connect Gmail');
  });
});
