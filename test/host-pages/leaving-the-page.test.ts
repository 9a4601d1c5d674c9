import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { openBareAuthKit } from './bare-authkit.js';
import { HostEnvironment } from './host-environment.js';
import { browserOptions } from '../end-to-end/chromium.js';

/*
 * The user goes to another page while AuthKit is open, and comes back with the back button. If the page is in the
 * back/forward cache, the browser restores it as it was. These tests run in Chromium only: the other two engines
 * cache no pages while they are automated. Component tests run in the page itself, and would end when it is left.
 */

/** Records events in localStorage, which outlives the page. */
const recordingScript = `
  if (window === window.top && location.search !== '?another') {
    const record = (event) => (localStorage.recorded = [localStorage.recorded, event].filter(Boolean).join(', '));
    document.addEventListener('pica-open', () => record('open'));
    document.addEventListener('pica-close', ({ detail }) => record('closed: ' + detail.reason));
    addEventListener('pagehide', () => record('page gone'));
    addEventListener('pageshow', ({ persisted }) => persisted && record('page restored'));
  }
`;

describe('leaving a page while AuthKit is open', () => {
  let environment: HostEnvironment;
  let browser: Browser;
  let context: BrowserContext | undefined;

  before(async () => {
    environment = await HostEnvironment.start();
    // Playwright turns the back/forward cache off, which these tests need.
    const ignoreDefaultArgs = ['--disable-back-forward-cache'];
    browser = await chromium.launch({ ...browserOptions(), ignoreDefaultArgs });
  });
  afterEach(() => context?.close());
  after(async () => {
    await browser.close();
    await environment.close();
  });

  async function visit(address: string): Promise<Page> {
    context = await browser.newContext();
    context.setDefaultTimeout(20_000);
    const page = await context.newPage();
    await page.addInitScript({ content: recordingScript });
    await page.goto(address);
    return page;
  }

  const recordedEvents = (page: Page): Promise<unknown> =>
    page.evaluate(() => localStorage.getItem('recorded'));

  const open = async (page: Page): Promise<void> => {
    await page.getByRole('button', { name: 'Connect' }).click();
    await page.frameLocator('#event-link').getByRole('button', { name: 'Gmail' }).waitFor();
    await page.locator('pica-connect-button[status="open"]').waitFor();
  };

  const leave = async (page: Page): Promise<void> => {
    await page.goto(`${environment.page({ markup: '' })}?another`);
  };

  it('closes AuthKit with the reason "removed"', async () => {
    const page = await visit(environment.page());
    await open(page);
    await leave(page);
    assert.equal(await recordedEvents(page), 'open, page gone, closed: removed');
  });

  it('leaves no modal on the restored page, where AuthKit can be opened again', async () => {
    const page = await visit(environment.page());
    await open(page);
    await leave(page);
    // A restored page fires no load event.
    await page.goBack({ waitUntil: 'commit' });
    assert.equal(await recordedEvents(page), 'open, page gone, closed: removed, page restored');
    assert.equal(await page.locator('[data-pica-connect-modal], #event-link').count(), 0);
    await page.locator('pica-connect-button[status="idle"]').waitFor();
    await open(page);
    assert.equal(
      await recordedEvents(page),
      'open, page gone, closed: removed, page restored, open',
    );
  });

  it('leaves the modal on the restored page if AuthKit is used without pica-connect', async () => {
    const page = await visit(environment.page({ script: '/bare.js', markup: '' }));
    const { authkit: baseUrl, tokenUrl: url } = environment;
    await openBareAuthKit(page, { baseUrl, token: { url } });
    const authkit = page.frameLocator('#event-link');
    await authkit.getByRole('button', { name: 'Gmail' }).waitFor();
    await leave(page);
    await page.goBack({ waitUntil: 'commit' });
    assert.equal(await recordedEvents(page), 'page gone, page restored');
    assert.equal(await page.locator('#event-link').isVisible(), true);
  });

  it('closes AuthKit when the page is reloaded, too', async () => {
    const page = await visit(environment.page());
    await open(page);
    await page.reload();
    assert.equal(await recordedEvents(page), 'open, page gone, closed: removed');
    await open(page);
  });
});
