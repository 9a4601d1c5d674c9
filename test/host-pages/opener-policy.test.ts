import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import type { Browser, BrowserContext, FrameLocator, Page } from 'playwright-core';
import { openBareAuthKit } from './bare-authkit.js';
import { HostEnvironment } from './host-environment.js';
import { launch } from '../end-to-end/chromium.js';

/*
 * How the Cross-Origin-Opener-Policy of the host's page affects the OAuth popup that AuthKit's page opens from its
 * frame. These tests run in Chromium only: the component tests' harness can neither set headers of its page nor
 * use a popup that a frame opens.
 */
const harmlessPolicies = ['unsafe-none', 'same-origin-allow-popups', 'noopener-allow-popups'];
const blockingPolicy = 'same-origin';

/** An AuthKit whose popup messages its opener, as OAuth pages may do. The sandbox's AuthKit polls instead. */
const openerPage = `<!doctype html>
<title>Opener</title>
<button onclick="open('?popup', '', 'popup,width=300,height=300')">Ask</button>
<p></p>
<script>
  const show = (text) => (document.querySelector('p').textContent = text);
  addEventListener('message', ({ data }) => data === 'granted' && show(data));
  if (location.search === '?popup') {
    show(opener ? 'it has an opener' : 'it has no opener');
    opener?.postMessage('granted', '*');
  }
</script>`;

describe("the host's Cross-Origin-Opener-Policy", () => {
  let environment: HostEnvironment;
  let browser: Browser;
  let context: BrowserContext | undefined;

  before(async () => {
    environment = await HostEnvironment.start();
    browser = await launch();
  });
  afterEach(() => context?.close());
  after(async () => {
    await browser.close();
    await environment.close();
  });

  /** Opens the host's page and AuthKit, and clicks the button in AuthKit's page that opens the popup. */
  async function openPopup(
    open: (page: Page) => Promise<unknown>,
    button: string,
  ): Promise<{ frame: FrameLocator; popup: Page }> {
    context = await browser.newContext();
    context.setDefaultTimeout(20_000);
    const page = await context.newPage();
    await open(page);
    const frame = page.frameLocator('#event-link');
    // The page's own "popup" event doesn't fire for a popup without an opener.
    const opened = context.waitForEvent('page');
    await frame.getByRole('button', { name: button }).click();
    return { frame, popup: await opened };
  }

  const openAuthKit = (policy: string) => async (page: Page) => {
    const markup = environment.button('selected-connection="Gmail"');
    const headers = { 'cross-origin-opener-policy': policy };
    await page.goto(environment.page({ markup, headers }));
    await page.getByRole('button', { name: 'Connect Gmail' }).first().click();
  };

  const openAlone = (policy: string) => async (page: Page) => {
    const headers = { 'cross-origin-opener-policy': policy };
    await page.goto(environment.page({ script: '/bare.js', markup: '', headers }));
    const { authkit: baseUrl, tokenUrl: url } = environment;
    await openBareAuthKit(page, { baseUrl, token: { url }, selectedConnection: 'Gmail' });
  };

  const openOpener = (policy: string) => async (page: Page) => {
    const { authkit } = environment.servers.origins;
    const body = JSON.stringify({ body: openerPage });
    await fetch(`${authkit}/control/opener`, { method: 'POST', body });
    const markup = `<pica-connect-button token-url="${environment.tokenUrl}" base-url="${authkit}/authkit/opener"></pica-connect-button>`;
    const headers = { 'cross-origin-opener-policy': policy };
    await page.goto(environment.page({ markup, headers }));
    await page.getByRole('button', { name: 'Connect' }).click();
  };

  for (const policy of harmlessPolicies) {
    it(`${policy} lets an OAuth flow finish`, async () => {
      const { frame, popup } = await openPopup(openAuthKit(policy), 'Continue to Gmail');
      await popup.getByRole('button', { name: 'Allow' }).click();
      await frame.getByText('Gmail is connected').waitFor();
      await frame.getByRole('button', { name: 'Done' }).click();
      await context?.pages()[0]?.locator('#event-link').waitFor({ state: 'detached' });
    });

    it(`${policy} lets the popup keep its opener`, async () => {
      const { frame, popup } = await openPopup(openOpener(policy), 'Ask');
      await popup.getByText('it has an opener').waitFor();
      await frame.getByText('granted').waitFor();
    });
  }

  // There, window.open() returns null to AuthKit's page, which takes the popup for a blocked one although the user
  // sees it. The policy is the host's choice, and pica-connect can't override it.
  for (const [place, open] of [
    ['in pica-connect', openAuthKit],
    ['alone', openAlone],
  ] as const) {
    it(`${blockingPolicy} separates AuthKit (${place}) from its popup`, async () => {
      const { frame, popup } = await openPopup(open(blockingPolicy), 'Continue to Gmail');
      await frame.getByText('The browser did not open the window').waitFor();
      assert.equal(await popup.evaluate(() => opener as unknown), null);
    });
  }

  it(`${blockingPolicy} removes the popup's opener`, async () => {
    const { popup } = await openPopup(openOpener(blockingPolicy), 'Ask');
    await popup.getByText('it has no opener').waitFor();
  });
});
