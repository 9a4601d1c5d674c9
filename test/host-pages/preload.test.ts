import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { browserOptions } from '../end-to-end/chromium.js';
import { Surroundings } from './surroundings.js';

/*
 * `preload="page"` with the one-file build, which loads what that needs from beside itself, and with AuthKit's
 * page as it behaves in the field: it asks for a token by itself. test/connect/preload.test.ts has the rest.
 */
describe('AuthKit loaded ahead of the click', () => {
  let surroundings: Surroundings;
  let browser: Browser;
  let context: BrowserContext | undefined;

  before(async () => {
    surroundings = await Surroundings.start();
    browser = await chromium.launch(browserOptions());
  });
  afterEach(() => context?.close());
  after(async () => {
    await browser.close();
    await surroundings.close();
  });

  async function openPage(attributes: string): Promise<Page> {
    context = await browser.newContext();
    context.setDefaultTimeout(20_000);
    const page = await context.newPage();
    await page.goto(surroundings.page({ markup: surroundings.button(attributes) }));
    await page.evaluate(() => {
      const told: string[] = [];
      for (const name of ['open', 'success', 'error', 'close']) {
        addEventListener(`pica-${name}`, ({ type }) => told.push(type));
      }
      Object.assign(window, { told });
    });
    return page;
  }

  it('connects an account, and asks for no token with the click', async () => {
    const page = await openPage('preload="page" selected-connection="Gmail"');
    const { tokenRequests } = surroundings.host;
    const before = tokenRequests.length;
    const button = page.getByRole('button', { name: 'Connect Gmail' });
    await button.hover();
    const authkit = page.frameLocator('#event-link');
    // It is not shown, and so has no role yet.
    await authkit.getByText('Continue to Gmail').waitFor({ state: 'attached' });
    // One by the element, which looks for what is wrong with it, and one by AuthKit's page.
    assert.equal(tokenRequests.length, before + 2);
    assert.equal(await page.locator('#event-link').isVisible(), false);

    await button.click();
    const [popup] = await Promise.all([
      page.waitForEvent('popup'),
      authkit.getByRole('button', { name: 'Continue to Gmail' }).click(),
    ]);
    await popup.getByRole('button', { name: 'Allow' }).click();
    await authkit.getByText('Gmail is connected').waitFor();
    assert.equal(tokenRequests.length, before + 2);
    authkit
      .getByRole('button', { name: 'Done' })
      .click()
      .catch(() => undefined);
    const told = () => page.evaluate(() => (window as unknown as { told: string[] }).told);
    // Once it has closed, the pointer is over the button again, and it loads anew.
    await page.waitForFunction(() =>
      (window as unknown as { told: string[] }).told.includes('pica-close'),
    );
    assert.deepEqual(await told(), ['pica-open', 'pica-success', 'pica-close']);
  });

  it('takes no focus from what has it', async () => {
    const page = await openPage('preload="page" selected-connection="Gmail"');
    await page.evaluate(() => {
      document.body.prepend(document.createElement('input'));
    });
    const field = page.getByRole('textbox');
    await field.focus();
    await page.getByRole('button', { name: 'Connect Gmail' }).hover();
    const authkit = page.frameLocator('#event-link');
    const theirs = authkit.getByText('Continue to Gmail');
    await theirs.waitFor({ state: 'attached' });
    await theirs.evaluate((button: HTMLElement) => {
      button.focus();
    });
    await page.keyboard.type('a');
    assert.equal(await field.inputValue(), 'a');
  });

  it('opens as ever where the file that does it is not beside the script', async () => {
    const page = await openPage('preload="page" selected-connection="Gmail"');
    await page.route('**/pica-connect.preload.js', (route) => route.fulfill({ status: 404 }));
    const missing = page.waitForResponse('**/pica-connect.preload.js');
    const button = page.getByRole('button', { name: 'Connect Gmail' });
    await button.hover();
    await missing;
    await button.click();
    await page.frameLocator('#event-link').getByText('Continue to Gmail').waitFor();
  });
});
