import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { DemoProcess, temporaryFolder } from '../end-to-end/demo-process.js';
import { launch } from '../end-to-end/chromium.js';
import { violations } from './site-fixture.js';

describe('the doctor’s page', () => {
  let browser: Browser;
  let demo: DemoProcess;
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let page: Page;
  let origin: string;

  before(async () => {
    folder = await temporaryFolder();
    demo = new DemoProcess({ DATA_FOLDER: folder.path });
    browser = await launch();
    origin = await demo.address();
  });
  after(async () => {
    await browser.close();
    await demo.end();
    await folder.remove();
  });
  beforeEach(async () => {
    page = await browser.newPage();
  });
  afterEach(() => page.close());

  const open = async (hash = ''): Promise<void> => {
    await page.goto(`${origin}/doctor/${hash}`);
    await summary().waitFor();
  };
  /** Appears when all checks have run. */
  const summary = () =>
    page.getByText(/^(No problems found\.|Failed checks: \d+ of \d+\.)$/).first();
  const textsOf = (selector: string) => page.locator(selector).allInnerTexts();

  it('is linked from the demo’s page, and links back to it', async () => {
    await page.goto(origin);
    await page.getByRole('link', { name: 'Doctor' }).click();
    await summary().waitFor();
    await page.getByRole('link', { name: 'Demo', exact: true }).click();
    await page.getByRole('heading', { name: 'Sign in to Lumen' }).waitFor();
  });

  it('finds no problem with the demo’s endpoint, and lists all checks with links', async () => {
    await open();
    assert.equal(await summary().innerText(), 'No problems found.');
    const codes = await textsOf('#findings .ok code');
    assert.ok(codes.includes('token-response-invalid') && codes.includes('secure-context'));
    const links = page.locator('#findings a');
    for (const link of await links.all()) {
      const href = await link.getAttribute('href');
      assert.equal((await page.request.get(`${origin}${href}`)).status(), 200, href ?? '');
    }
  });

  it('has a switch for each fault, and reports that fault after one click', async () => {
    await open();
    const groups = await page.locator('#faults > div').all();
    let switches = 0;
    for (const group of groups) {
      const code = await group.locator('h3').innerText();
      for (const button of await group.locator('button').all()) {
        const title = await button.innerText();
        const before = page.url();
        await button.click();
        // The pressed switch shows that its settings apply. After a fault in the page's policy, the page reloads.
        await page.locator('#faults [aria-pressed=true]', { hasText: title }).waitFor();
        await summary().waitFor();
        // One switch uses the real AuthKit, which a machine without internet access can't reach. A response by
        // page.route() would also answer every OPTIONS request.
        const usesRealAuthKit = title.endsWith('AuthKit at https');
        const failedCodes = (await textsOf('#findings .bad code')).filter(
          (failedCode) => !(usesRealAuthKit && failedCode === 'authkit-unreachable'),
        );
        assert.deepEqual(failedCodes, code === 'No fault' ? [] : [code], `${title} (${before})`);
        switches += 1;
      }
    }
    assert.ok(switches > 35, String(switches));
  });

  it('reports the same code and message as the error after a click', async () => {
    await open('#in-data');
    const message = await page.locator('#findings .bad span:nth-of-type(2)').innerText();
    await page.getByRole('button', { name: 'Connect', exact: true }).click();
    const shownError = page.locator('#last-error', { hasText: 'pica-error' });
    await shownError.waitFor();
    const text = await shownError.innerText();
    assert.match(text, /pica-error\ntoken-response-invalid\n/);
    assert.ok(text.includes(message), text);
  });

  it('opens AuthKit if there is no fault', async () => {
    await open('#own');
    await page.getByRole('button', { name: 'Connect', exact: true }).click();
    await page.frameLocator('#event-link').getByText('Gmail').first().waitFor();
    assert.equal(await page.locator('#last-error').isVisible(), false);
  });

  it('checks the headers in its field, as lines or as JSON', async () => {
    await open('#header-not-allowed');
    for (const headers of ['x-team: 1\nx-user-id: ada', '{"x-team": "1", "x-user-id": "ada"}']) {
      await page.getByLabel('Headers').fill(headers);
      await page.getByRole('button', { name: 'Check', exact: true }).click();
      await page.getByText('does not allow the header x-team, x-user-id.').first().waitFor();
    }
    await page.getByLabel('Headers').fill('no colon');
    await page.getByRole('button', { name: 'Check', exact: true }).click();
    await page.getByText('Line 1 of the headers needs a name and a colon.').waitFor();
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    it(`has no axe violations with and without problems in the ${colorScheme} scheme`, async () => {
      await page.emulateMedia({ colorScheme });
      await open();
      assert.deepEqual(await violations(page), []);
      await page.getByRole('button', { name: 'POST is not accepted (405)' }).click();
      await page.locator('#findings .bad code').waitFor();
      assert.deepEqual(await violations(page), []);
    });
  }

  it('can be used by keyboard in a window 320 px wide', async () => {
    await page.setViewportSize({ width: 320, height: 700 });
    await open();
    const fault = page.getByRole('button', { name: 'POST is not accepted (405)' });
    await fault.focus();
    await page.keyboard.press('Enter');
    await page.locator('#findings .bad code').waitFor();
    assert.equal(await fault.getAttribute('aria-pressed'), 'true');
    const overflows = await page.evaluate(
      () => document.documentElement.scrollWidth > document.documentElement.clientWidth,
    );
    assert.equal(overflows, false);
  });
});
