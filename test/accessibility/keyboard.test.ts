import assert from 'node:assert/strict';
import { describe } from 'node:test';
import type { Page } from 'playwright-core';
import { DemoFixture } from '../end-to-end/demo-fixture.js';
import { nodesOf } from './accessibility-tree.js';

/** The accessible name of the focused element. */
async function focusedName(page: Page): Promise<string> {
  const session = await page.context().newCDPSession(page);
  const nodes = await nodesOf(session);
  await session.detach();
  // While its window has the focus, the document is marked as focused, too.
  const node = nodes.findLast(({ properties = [] }) =>
    properties.some(({ name, value }) => name === 'focused' && value.value === true),
  );
  return node?.name?.value ?? '';
}

/** Presses Tab until the named element has the focus. Returns the names of all elements on the way. */
async function tabTo(page: Page, name: string): Promise<string[]> {
  const order: string[] = [];
  while (order.at(-1) !== name) {
    assert.ok(order.length < 30, `${name} is not reached: ${order.join(', ')}`);
    await page.keyboard.press('Tab');
    order.push(await focusedName(page));
  }
  return order;
}

describe('by keyboard alone', () => {
  const fixture = new DemoFixture();

  fixture.it('an account can be connected and disconnected', async (demo) => {
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
    assert.equal(await focusedName(page), 'Connect Gmail');

    // The focus moves to the first control of AuthKit's page.
    await keyboard.press('Enter');
    await demo.authkit.getByRole('button', { name: 'Continue to Gmail' }).waitFor();
    await demo.authkit.locator('button:focus', { hasText: 'Continue to Gmail' }).waitFor();
    const [popup] = await Promise.all([page.waitForEvent('popup'), keyboard.press('Enter')]);

    // The integration's own page, in a popup.
    await popup.getByRole('button', { name: 'Allow' }).waitFor();
    await tabTo(popup, 'Allow');
    await Promise.all([popup.waitForEvent('close'), popup.keyboard.down('Enter')]);

    await demo.waitForText('Gmail is connected');
    await demo.authkit.locator('button:focus', { hasText: 'Done' }).waitFor();
    await demo.closeWithKey('Enter');
    await page.waitForFunction(() => document.activeElement?.localName === 'pica-connect-button');
    assert.equal(await focusedName(page), 'Connect Gmail');

    // The new row asks for confirmation before it disconnects.
    await demo.items.first().waitFor();
    const disconnect = 'Disconnect Gmail';
    assert.deepEqual(await tabTo(page, disconnect), [
      'Connect Slack',
      'Search connections',
      'Category',
      disconnect,
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

  fixture.it('Escape closes AuthKit and returns the focus to the button', async (demo) => {
    const { page } = demo;
    await tabTo(page, 'Connect Gmail');
    await page.keyboard.press('Enter');
    await demo.authkit.locator('button:focus', { hasText: 'Continue to Gmail' }).waitFor();
    await demo.closeWithKey('Escape');
    await page.waitForFunction(() => document.activeElement?.localName === 'pica-connect-button');
    assert.equal(await focusedName(page), 'Connect Gmail');
  });
});
