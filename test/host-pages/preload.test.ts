import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { browserOptions } from '../end-to-end/chromium.js';
import { HostEnvironment } from './host-environment.js';

/*
 * `preload="page"` with the one-file build, which loads the preload's chunk from its own folder, and with an AuthKit
 * page that requests a token, as the real one does. All other cases are in test/connect/preload.test.ts.
 */
describe('an AuthKit page that is preloaded by the one-file build', () => {
  let environment: HostEnvironment;
  let browser: Browser;
  let context: BrowserContext | undefined;

  before(async () => {
    environment = await HostEnvironment.start();
    browser = await chromium.launch(browserOptions());
  });
  afterEach(() => context?.close());
  after(async () => {
    await browser.close();
    await environment.close();
  });

  async function openPage(attributes: string): Promise<Page> {
    context = await browser.newContext();
    context.setDefaultTimeout(20_000);
    const page = await context.newPage();
    await page.goto(environment.page({ markup: environment.button(attributes) }));
    await page.evaluate(() => {
      const eventTypes: string[] = [];
      for (const name of ['open', 'success', 'error', 'close']) {
        addEventListener(`pica-${name}`, ({ type }) => eventTypes.push(type));
      }
      Object.assign(window, { eventTypes });
    });
    return page;
  }

  it('connects an account without another token request after the click', async () => {
    const page = await openPage('preload="page" selected-connection="Gmail"');
    const { tokenRequests } = environment.host;
    const requestsBefore = tokenRequests.length;
    const button = page.getByRole('button', { name: 'Connect Gmail' });
    await button.hover();
    const authkit = page.frameLocator('#event-link');
    // A hidden button has no role.
    await authkit.getByText('Continue to Gmail').waitFor({ state: 'attached' });
    // One is the element's token check, and one comes from AuthKit's page.
    assert.equal(tokenRequests.length, requestsBefore + 2);
    assert.equal(await page.locator('#event-link').isVisible(), false);

    await button.click();
    const [popup] = await Promise.all([
      page.waitForEvent('popup'),
      authkit.getByRole('button', { name: 'Continue to Gmail' }).click(),
    ]);
    await popup.getByRole('button', { name: 'Allow' }).click();
    await authkit.getByText('Gmail is connected').waitFor();
    assert.equal(tokenRequests.length, requestsBefore + 2);
    authkit
      .getByRole('button', { name: 'Done' })
      .click()
      .catch(() => undefined);
    interface RecordingWindow {
      eventTypes: string[];
    }
    // Not until the frame is gone: the pointer is over the button, so AuthKit is preloaded again at once.
    await page.waitForFunction(() =>
      (window as unknown as RecordingWindow).eventTypes.includes('pica-close'),
    );
    assert.deepEqual(await page.evaluate(() => (window as unknown as RecordingWindow).eventTypes), [
      'pica-open',
      'pica-success',
      'pica-close',
    ]);
  });

  it('takes no focus from the host’s page', async () => {
    const page = await openPage('preload="page" selected-connection="Gmail"');
    await page.evaluate(() => {
      document.body.prepend(document.createElement('input'));
    });
    const field = page.getByRole('textbox');
    await field.focus();
    await page.getByRole('button', { name: 'Connect Gmail' }).hover();
    const authkit = page.frameLocator('#event-link');
    const preloadedButton = authkit.getByText('Continue to Gmail');
    await preloadedButton.waitFor({ state: 'attached' });
    await preloadedButton.evaluate((button: HTMLElement) => {
      button.focus();
    });
    await page.keyboard.type('a');
    assert.equal(await field.inputValue(), 'a');
  });

  it('opens without preloading if the chunk is missing on the server', async () => {
    const page = await openPage('preload="page" selected-connection="Gmail"');
    await page.route('**/pica-connect.preload.js', (route) => route.fulfill({ status: 404 }));
    const notFound = page.waitForResponse('**/pica-connect.preload.js');
    const button = page.getByRole('button', { name: 'Connect Gmail' });
    await button.hover();
    await notFound;
    await button.click();
    await page.frameLocator('#event-link').getByText('Continue to Gmail').waitFor();
  });
});
