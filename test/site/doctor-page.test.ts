import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { DemoProcess, temporaryFolder } from '../end-to-end/demo-process.js';
import { launch } from '../end-to-end/chromium.js';
import { violations } from './site-fixture.js';

/** The demo's page that examines a token endpoint. */
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
  /** What is said once all has been looked at. */
  const summary = () =>
    page.getByText(/^(No problems found\.|Failed checks: \d+ of \d+\.)$/).first();
  const textsOf = (selector: string) => page.locator(selector).allInnerTexts();

  it('is reached from the first page, and leads back there', async () => {
    await page.goto(origin);
    await page.getByRole('link', { name: 'Doctor' }).click();
    await summary().waitFor();
    await page.getByRole('link', { name: 'Demo', exact: true }).click();
    await page.getByRole('heading', { name: 'Sign in to Lumen' }).waitFor();
  });

  it('finds nothing wrong with the endpoint of the demo, and has a line for all that it looked at', async () => {
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

  it('has a switch for each fault, and finds it by one click', async () => {
    await open();
    const groups = await page.locator('#faults > div').all();
    let switches = 0;
    for (const group of groups) {
      const code = await group.locator('h3').innerText();
      for (const button of await group.locator('button').all()) {
        const title = await button.innerText();
        const before = page.url();
        await button.click();
        // It is the button that the settings belong to; a policy of before takes a new page.
        await page.locator('#faults [aria-pressed=true]', { hasText: title }).waitFor();
        await summary().waitFor();
        // One switch takes AuthKit from where it is, which a machine without the internet does not reach.
        // Answering in its place (page.route) would answer every OPTIONS too.
        const isElsewhere = title.endsWith('AuthKit at https');
        const found = (await textsOf('#findings .bad code')).filter(
          (one) => !(isElsewhere && one === 'authkit-unreachable'),
        );
        assert.deepEqual(found, code === 'No fault' ? [] : [code], `${title} (${before})`);
        switches += 1;
      }
    }
    assert.ok(switches > 35, String(switches));
  });

  it('shows what a click says, with the same code and words', async () => {
    await open('#in-data');
    const found = await page.locator('#findings .bad span:nth-of-type(2)').innerText();
    await page.getByRole('button', { name: 'Connect', exact: true }).click();
    const place = page.locator('#said', { hasText: 'pica-error' });
    await place.waitFor();
    const said = await place.innerText();
    assert.match(said, /pica-error\ntoken-response-invalid\n/);
    assert.ok(said.includes(found), said);
  });

  it('connects where all is well', async () => {
    await open('#own');
    await page.getByRole('button', { name: 'Connect', exact: true }).click();
    await page.frameLocator('#event-link').getByText('Gmail').first().waitFor();
    assert.equal(await page.locator('#said').isVisible(), false);
  });

  it('checks what is typed, with headers as lines or as JSON', async () => {
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
    it(`has nothing that axe finds, where all is well and where it is not, in ${colorScheme}`, async () => {
      await page.emulateMedia({ colorScheme });
      await open();
      assert.deepEqual(await violations(page), []);
      await page.getByRole('button', { name: 'POST is not accepted (405)' }).click();
      await page.locator('#findings .bad code').waitFor();
      assert.deepEqual(await violations(page), []);
    });
  }

  it('can be used by keyboard, and fits 320 px', async () => {
    await page.setViewportSize({ width: 320, height: 700 });
    await open();
    const fault = page.getByRole('button', { name: 'POST is not accepted (405)' });
    await fault.focus();
    await page.keyboard.press('Enter');
    await page.locator('#findings .bad code').waitFor();
    assert.equal(await fault.getAttribute('aria-pressed'), 'true');
    const isWide = await page.evaluate(
      () => document.documentElement.scrollWidth > document.documentElement.clientWidth,
    );
    assert.equal(isWide, false);
  });
});
