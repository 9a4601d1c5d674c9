import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { openBare } from './bare-authkit.js';
import { Surroundings } from './surroundings.js';
import { browserOptions } from '../end-to-end/chromium.js';

/*
 * Going to another page while AuthKit is open, and coming back by the back button: to the very page
 * that was left, if the browser has kept it. In Chromium alone, as a test that runs in the page that is
 * left ends there, and as the other two engines keep no page while they are driven.
 */

/** Lets a page note down what happens, over its going and coming back. */
const notes = `
  if (window === window.top && location.search !== '?another') {
    const note = (words) => (localStorage.noted = [localStorage.noted, words].filter(Boolean).join(', '));
    document.addEventListener('pica-open', () => note('open'));
    document.addEventListener('pica-close', ({ detail }) => note('closed: ' + detail.reason));
    addEventListener('pagehide', () => note('page gone'));
    addEventListener('pageshow', ({ persisted }) => persisted && note('page restored'));
  }
`;

describe('leaving the page while AuthKit is open', () => {
  let surroundings: Surroundings;
  let browser: Browser;
  let context: BrowserContext | undefined;

  before(async () => {
    surroundings = await Surroundings.start();
    // Playwright switches this cache off; it is what this test is about.
    const ignoreDefaultArgs = ['--disable-back-forward-cache'];
    browser = await chromium.launch({ ...browserOptions(), ignoreDefaultArgs });
  });
  afterEach(() => context?.close());
  after(async () => {
    await browser.close();
    await surroundings.close();
  });

  async function visit(address: string): Promise<Page> {
    context = await browser.newContext();
    context.setDefaultTimeout(20_000);
    const page = await context.newPage();
    await page.addInitScript({ content: notes });
    await page.goto(address);
    return page;
  }

  const noted = (page: Page): Promise<unknown> =>
    page.evaluate(() => localStorage.getItem('noted'));

  const open = async (page: Page): Promise<void> => {
    await page.getByRole('button', { name: 'Connect' }).click();
    await page.frameLocator('#event-link').getByRole('button', { name: 'Gmail' }).waitFor();
    await page.locator('pica-connect-button[status="open"]').waitFor();
  };

  const leave = async (page: Page): Promise<void> => {
    await page.goto(`${surroundings.page({ markup: '' })}?another`);
  };

  it('closes AuthKit before the page goes, with the reason "removed"', async () => {
    const page = await visit(surroundings.page());
    await open(page);
    await leave(page);
    assert.equal(await noted(page), 'open, page gone, closed: removed');
  });

  it('comes back to the kept page, without a modal, and AuthKit opens again', async () => {
    const page = await visit(surroundings.page());
    await open(page);
    await leave(page);
    // "commit", as a page that is restored does not load.
    await page.goBack({ waitUntil: 'commit' });
    assert.equal(await noted(page), 'open, page gone, closed: removed, page restored');
    assert.equal(await page.locator('[data-pica-connect-modal], #event-link').count(), 0);
    await page.locator('pica-connect-button[status="idle"]').waitFor();
    await open(page);
    assert.equal(await noted(page), 'open, page gone, closed: removed, page restored, open');
  });

  it('comes back with AuthKit still over the page, with AuthKit alone', async () => {
    const page = await visit(surroundings.page({ script: '/bare.js', markup: '' }));
    const { authkit: baseUrl, tokenUrl: url } = surroundings;
    await openBare(page, { baseUrl, token: { url } });
    const authkit = page.frameLocator('#event-link');
    await authkit.getByRole('button', { name: 'Gmail' }).waitFor();
    await leave(page);
    await page.goBack({ waitUntil: 'commit' });
    assert.equal(await noted(page), 'page gone, page restored');
    assert.equal(await page.locator('#event-link').isVisible(), true);
  });

  it('takes a reload for leaving too', async () => {
    const page = await visit(surroundings.page());
    await open(page);
    await page.reload();
    assert.equal(await noted(page), 'open, page gone, closed: removed');
    await open(page);
  });
});
