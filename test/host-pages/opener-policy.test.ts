import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import type { Browser, BrowserContext, FrameLocator, Page } from 'playwright-core';
import { openBare } from './bare-authkit.js';
import { Surroundings } from './surroundings.js';
import { launch } from '../end-to-end/chromium.js';

/*
 * What a Cross-Origin-Opener-Policy of the host's page does to the OAuth popup that AuthKit's page opens
 * from inside its frame. In Chromium alone: the component tests' harness has the page it runs in, and
 * neither that page's headers nor the popup of a frame are to be had there.
 */
const good = ['unsafe-none', 'same-origin-allow-popups', 'noopener-allow-popups'];
const bad = 'same-origin';

/** An AuthKit whose popup answers its opener, as OAuth pages may do; the sandbox's polls instead. */
const openerPage = `<!doctype html>
<title>Opener</title>
<button onclick="open('?popup', '', 'popup,width=300,height=300')">Ask</button>
<p></p>
<script>
  const say = (words) => (document.querySelector('p').textContent = words);
  addEventListener('message', ({ data }) => data === 'granted' && say(data));
  if (location.search === '?popup') {
    say(opener ? 'it has an opener' : 'it has no opener');
    opener?.postMessage('granted', '*');
  }
</script>`;

describe("the host's Cross-Origin-Opener-Policy", () => {
  let surroundings: Surroundings;
  let browser: Browser;
  let context: BrowserContext | undefined;

  before(async () => {
    surroundings = await Surroundings.start();
    browser = await launch();
  });
  afterEach(() => context?.close());
  after(async () => {
    await browser.close();
    await surroundings.close();
  });

  /** The host's page with that policy, AuthKit in it, and the popup after a press on that button. */
  async function openPopup(
    open: (page: Page) => Promise<unknown>,
    button: string,
  ): Promise<{ frame: FrameLocator; popup: Page }> {
    context = await browser.newContext();
    context.setDefaultTimeout(20_000);
    const page = await context.newPage();
    await open(page);
    const frame = page.frameLocator('#event-link');
    // Not the page's own "popup" event: one without an opener is none of the page's.
    const opened = context.waitForEvent('page');
    await frame.getByRole('button', { name: button }).click();
    return { frame, popup: await opened };
  }

  const openAuthKit = (policy: string) => async (page: Page) => {
    const markup = surroundings.button('selected-connection="Gmail"');
    const headers = { 'cross-origin-opener-policy': policy };
    await page.goto(surroundings.page({ markup, headers }));
    await page.getByRole('button', { name: 'Connect Gmail' }).first().click();
  };

  const openAlone = (policy: string) => async (page: Page) => {
    const headers = { 'cross-origin-opener-policy': policy };
    await page.goto(surroundings.page({ script: '/bare.js', markup: '', headers }));
    const { authkit: baseUrl, tokenUrl: url } = surroundings;
    await openBare(page, { baseUrl, token: { url }, selectedConnection: 'Gmail' });
  };

  const openOpener = (policy: string) => async (page: Page) => {
    const { authkit } = surroundings.servers.origins;
    const body = JSON.stringify({ body: openerPage });
    await fetch(`${authkit}/control/opener`, { method: 'POST', body });
    const markup = `<pica-connect-button token-url="${surroundings.tokenUrl}" base-url="${authkit}/authkit/opener"></pica-connect-button>`;
    const headers = { 'cross-origin-opener-policy': policy };
    await page.goto(surroundings.page({ markup, headers }));
    await page.getByRole('button', { name: 'Connect' }).click();
  };

  for (const policy of good) {
    it(`${policy} lets a whole OAuth flow finish`, async () => {
      const { frame, popup } = await openPopup(openAuthKit(policy), 'Continue to Gmail');
      await popup.getByRole('button', { name: 'Allow' }).click();
      await frame.getByText('Gmail is connected').waitFor();
      await frame.getByRole('button', { name: 'Done' }).click();
      await context?.pages()[0]?.locator('#event-link').waitFor({ state: 'detached' });
    });

    it(`${policy} leaves the popup its opener`, async () => {
      const { frame, popup } = await openPopup(openOpener(policy), 'Ask');
      await popup.getByText('it has an opener').waitFor();
      await frame.getByText('granted').waitFor();
    });
  }

  // window.open() gives AuthKit's page nothing there, so that it takes the popup for a blocked one,
  // although the user sees it. It is the host's own wish, and pica-connect cannot lift it.
  for (const [what, open] of [
    ['pica-connect', openAuthKit],
    ['AuthKit alone', openAlone],
  ] as const) {
    it(`${bad} keeps AuthKit from its popup, with ${what}`, async () => {
      const { frame, popup } = await openPopup(open(bad), 'Continue to Gmail');
      await frame.getByText('The browser did not open the window').waitFor();
      assert.equal(await popup.evaluate(() => opener as unknown), null);
    });
  }

  it(`${bad} takes the popup its opener`, async () => {
    const { popup } = await openPopup(openOpener(bad), 'Ask');
    await popup.getByText('it has no opener').waitFor();
  });
});
