import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { launch } from './chromium.js';

/*
 * The browser lays out and paints only the visible rows of a thousand. Users still have to find all others, by
 * keyboard, search and screen reader.
 */
const count = 1000;

describe('the last of a thousand rows', () => {
  let browser: Browser;
  let page: Page;

  before(async () => {
    browser = await launch();
    page = await browser.newPage({ viewport: { width: 800, height: 600 } });
    const script = await readFile(
      new URL('../../dist/pica-connect.min.js', import.meta.url),
      'utf8',
    );
    await page.setContent('<pica-connections-list></pica-connections-list>');
    await page.addScriptTag({ content: script });
    await page.evaluate((rows) => {
      const list = document.querySelector('pica-connections-list');
      if (!list) throw new Error('There is no list');
      list.connections = Array.from({ length: rows }, (_, index) => ({
        key: `live::slack::${String(index)}`,
        platform: 'slack',
        environment: 'live' as const,
        state: 'operational' as const,
        name: `workspace-${String(index)}`,
      }));
      return list.updateComplete;
    }, count);
  });

  after(() => browser.close());

  const lastRow = () => page.locator('pica-connections-list li').last();

  it('is neither laid out nor painted while it is out of view', async () => {
    const isSkipped = await lastRow().evaluate(
      (row) => !row.querySelector('bdi')?.checkVisibility({ contentVisibilityAuto: true }),
    );
    assert.ok(isSkipped);
  });

  it('is in the accessibility tree by its name, like all other rows', async () => {
    const session = await page.context().newCDPSession(page);
    const { nodes } = await session.send('Accessibility.getFullAXTree');
    const names = nodes
      .filter(({ role, ignored }) => role?.value === 'listitem' && !ignored)
      .map(({ name }) => String(name?.value));
    assert.equal(names.length, count);
    assert.equal(names.at(-1), `Slack, workspace-${String(count - 1)}`);
    await session.detach();
  });

  it("is found by the browser's own search", async () => {
    const isFound = await page.evaluate(
      (text) => (window as unknown as { find: (text: string) => boolean }).find(text),
      `workspace-${String(count - 1)}`,
    );
    assert.ok(isFound);
  });

  it('scrolls into view when Tab reaches it', async () => {
    await page.evaluate(
      (key) => {
        const rows = document.querySelector('pica-connections-list')?.shadowRoot;
        rows?.querySelector<HTMLElement>(`[data-key="${key}"] button`)?.focus();
      },
      `live::slack::${String(count - 2)}`,
    );
    await page.keyboard.press('Tab');
    const focused = page.locator('pica-connections-list button:focus');
    assert.equal(
      await focused.getAttribute('aria-label'),
      `Disconnect Slack, workspace-${String(count - 1)}`,
    );
    const box = await lastRow().boundingBox();
    assert.ok(box && box.y < 600, JSON.stringify(box));
  });
});
