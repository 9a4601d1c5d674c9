import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, afterEach, before, describe, it } from 'node:test';
import type { Browser, BrowserContext, FrameLocator, Page } from 'playwright-core';
import { HostSite } from './host-site.js';
import { DemoFixture } from '../end-to-end/demo-fixture.js';
import { HostEnvironment } from './host-environment.js';
import { launch } from '../end-to-end/chromium.js';

/*
 * The button's page in an iframe on another site. These tests run in Chromium only: the component tests' harness
 * has a single origin for both pages, and no popups that AuthKit opens.
 */
const guide = await readFile(new URL('../../demo/docs/embedding.md', import.meta.url), 'utf8');
const [plain = '', sandboxed = ''] = [...guide.matchAll(/```html\n(.*?)```/gs)].map(
  ([, html]) => html,
);
const sandboxTokens = /sandbox="([^"]*)"/.exec(sandboxed)?.[1]?.split(' ') ?? [];

const withoutToken = (token: string): string =>
  sandboxed.replace(new RegExp(` ?\\b${token}(?![-\\w])`), '');
const inSmallFrame = (html: string): string =>
  html.replace(/width="\d+"/, 'width="300"').replace(/height="\d+"/, 'height="200"');

/** What the tests read of an event of the button. */
interface ElementEvent {
  type: string;
  code?: string;
  hint?: string;
  reason?: string;
}

describe('in an iframe of another site', () => {
  let environment: HostEnvironment;
  let embedder: HostSite;
  let browser: Browser;
  let context: BrowserContext | undefined;

  before(async () => {
    environment = await HostEnvironment.start();
    embedder = await HostSite.start('127.0.0.1');
    browser = await launch();
  });
  afterEach(() => context?.close());
  after(async () => {
    await browser.close();
    await Promise.all([embedder.close(), environment.close()]);
  });

  interface EmbeddedHost {
    page: Page;
    host: FrameLocator;
    readEvents: () => Promise<ElementEvent[]>;
    waitForEvent: (type: string) => Promise<ElementEvent>;
  }

  /** Opens a page that embeds the host's page by this HTML. */
  async function embed(html: string, headers: Record<string, string> = {}): Promise<EmbeddedHost> {
    const markup = `${environment.button('selected-connection="Gmail"')}<output></output>
      <script>
        const events = [];
        for (const type of ['pica-open', 'pica-success', 'pica-error', 'pica-close']) {
          document.addEventListener(type, ({ detail: { error, reason } }) => {
            events.push({ type, code: error?.code, hint: error?.hint, reason });
            document.querySelector('output').textContent = JSON.stringify(events);
          });
        }
      </script>`;
    const address = embedder.add({
      markup: html.replace('https://example.com/connect', environment.page({ markup })),
      headers,
    });
    context = await (context?.close(), browser.newContext());
    context.setDefaultTimeout(20_000);
    const page = await context.newPage();
    await page.goto(address);
    const host = page.frameLocator('iframe');
    const output = host.locator('output');
    const readEvents = async () =>
      JSON.parse((await output.textContent()) || '[]') as ElementEvent[];
    return {
      page,
      host,
      readEvents,
      waitForEvent: async (type) => {
        await output.getByText(`"${type}"`).waitFor();
        const event = (await readEvents()).find((candidate) => candidate.type === type);
        assert.ok(event);
        return event;
      },
    };
  }

  const pressConnect = (host: FrameLocator) =>
    host.getByRole('button', { name: 'Connect Gmail' }).first().click();

  /** Goes through AuthKit, from its first screen to its last. */
  async function connect(authkit: FrameLocator): Promise<void> {
    const [consent] = await Promise.all([
      context?.waitForEvent('page'),
      authkit.getByRole('button', { name: 'Continue to Gmail' }).click(),
    ]);
    await consent?.getByRole('button', { name: 'Allow' }).click();
    await authkit.getByText('Gmail is connected').waitFor();
    // If the click removes the frame, Chromium 156 may never answer the debugger.
    authkit
      .getByRole('button', { name: 'Done' })
      .click()
      .catch(() => undefined);
  }

  const typesOf = (events: ElementEvent[]): string[] => events.map(({ type }) => type);
  const completeFlow = ['pica-open', 'pica-success', 'pica-close'];

  for (const [attributes, html] of [
    ['without sandbox', plain],
    ["with the sandbox tokens of the guide's example", sandboxed],
    ['without allow-popups-to-escape-sandbox', withoutToken('allow-popups-to-escape-sandbox')],
  ] as const) {
    it(`an account can be connected ${attributes}`, async () => {
      const { host, readEvents, waitForEvent } = await embed(html);
      await pressConnect(host);
      await connect(host.frameLocator('#event-link'));
      await waitForEvent('pica-close');
      assert.deepEqual(typesOf(await readEvents()), completeFlow);
    });

    it(`an account can be connected in a separate window if the frame is small, ${attributes}`, async () => {
      const { page, host, readEvents, waitForEvent } = await embed(inSmallFrame(html));
      const [popup] = await Promise.all([page.waitForEvent('popup'), pressConnect(host)]);
      await host.getByText('Go on in the other window.').waitFor();
      await Promise.all([popup.waitForEvent('close'), connect(popup.frameLocator('#event-link'))]);
      await waitForEvent('pica-close');
      assert.deepEqual(typesOf(await readEvents()), completeFlow);
    });
  }

  it("the sandbox of the guide's example has exactly the tested tokens", () => {
    assert.deepEqual(sandboxTokens.toSorted(), [
      'allow-forms',
      'allow-popups',
      'allow-popups-to-escape-sandbox',
      'allow-same-origin',
      'allow-scripts',
    ]);
  });

  it('no button appears without allow-scripts', async () => {
    const { host } = await embed(withoutToken('allow-scripts'));
    await host.getByRole('heading').waitFor();
    assert.equal(await host.getByRole('button').count(), 0);
  });

  it('a click without allow-same-origin reports that the token is missing', async () => {
    const { host, waitForEvent } = await embed(withoutToken('allow-same-origin'));
    await pressConnect(host);
    await waitForEvent('pica-close');
    const { code, hint } = await waitForEvent('pica-error');
    assert.equal(code, 'authkit-blocked');
    assert.match(hint ?? '', /allow-same-origin/);
  });

  it("AuthKit's error has a hint that names allow-popups when that token is missing", async () => {
    const { host, waitForEvent } = await embed(withoutToken('allow-popups'));
    await pressConnect(host);
    await host
      .frameLocator('#event-link')
      .getByRole('button', { name: /Continue/ })
      .click();
    const { code, hint } = await waitForEvent('pica-error');
    assert.equal(code, 'connection-failed');
    assert.match(hint ?? '', /allow-popups/);
  });

  it('a click in a small frame without allow-popups reports that the token is missing', async () => {
    const { page, host, waitForEvent, readEvents } = await embed(
      inSmallFrame(withoutToken('allow-popups')),
    );
    await pressConnect(host);
    assert.equal((await waitForEvent('pica-close')).reason, 'error');
    const { code, hint } = await waitForEvent('pica-error');
    assert.equal(code, 'authkit-blocked');
    assert.match(hint ?? '', /sandbox lacks allow-popups/);
    assert.deepEqual(typesOf(await readEvents()), ['pica-open', 'pica-error', 'pica-close']);
    assert.equal(page.context().pages().length, 1);
  });

  it("a click in AuthKit's page has no effect without allow-forms", async () => {
    const { page, host } = await embed(withoutToken('allow-forms'));
    const blocked = page.waitForEvent('console', (line) => line.text().includes('allow-forms'));
    await pressConnect(host);
    await host
      .frameLocator('#event-link')
      .getByRole('button', { name: /Continue/ })
      .click();
    await blocked;
    assert.equal(page.context().pages().length, 1);
  });

  it('check() says that it cannot see the embedding page', async () => {
    const { page } = await embed(plain);
    const findings = await page
      .frames()[1]
      ?.evaluate(() => document.querySelector('pica-connect-button')?.check());
    const last = findings?.filter(({ code }) => code === 'authkit-blocked').at(-1);
    assert.equal(last?.ok, true);
    assert.match(last.message, /cannot see/);
    for (const token of sandboxTokens) assert.ok(last.hint.includes(token), token);
  });

  for (const [policy, isAllowed] of [
    ['same-origin-allow-popups', true],
    ['same-origin', false],
  ] as const) {
    it(`a small frame ${isAllowed ? 'can' : 'cannot'} open its window if the top page has Cross-Origin-Opener-Policy: ${policy}`, async () => {
      const { page, host, waitForEvent } = await embed(inSmallFrame(plain), {
        'cross-origin-opener-policy': policy,
      });
      const opened = page.context().waitForEvent('page');
      await pressConnect(host);
      const popup = await opened;
      if (isAllowed) {
        await popup
          .frameLocator('#event-link')
          .getByRole('button', { name: /Continue/ })
          .waitFor();
      } else {
        assert.match((await waitForEvent('pica-error')).hint ?? '', /Cross-Origin-Opener-Policy/);
      }
    });
  }

  it('an account can be connected with third-party cookies blocked', async () => {
    const usualBrowser = browser;
    browser = await launch('--test-third-party-cookie-phaseout');
    try {
      const { host, waitForEvent, readEvents } = await embed(sandboxed);
      await pressConnect(host);
      await connect(host.frameLocator('#event-link'));
      await waitForEvent('pica-close');
      assert.deepEqual(typesOf(await readEvents()), completeFlow);
    } finally {
      await context?.close();
      context = undefined;
      await browser.close();
      browser = usualBrowser;
    }
  });
});

describe('the demo in a frame of 300 × 200 px', () => {
  const fixture = new DemoFixture();

  fixture.it('connects an account in a separate window and stores it', async (demo) => {
    const { page } = demo;
    // Only pages of the demo's own origin may embed it.
    const body = '<!doctype html><title>Embed</title><iframe src="/" width="300" height="200">';
    await page.route('**/embed', (route) => route.fulfill({ contentType: 'text/html', body }));
    await page.goto('/embed');
    const button = page.frameLocator('iframe').getByRole('button', { name: 'Connect Gmail' });
    const [popup] = await Promise.all([page.waitForEvent('popup'), button.first().click()]);
    const authkit = popup.frameLocator('#event-link');
    const [consent] = await Promise.all([
      page.context().waitForEvent('page'),
      authkit.getByRole('button', { name: 'Continue to Gmail' }).click(),
    ]);
    await consent.getByRole('button', { name: 'Allow' }).click();
    await authkit.getByText('Gmail is connected').waitFor();
    const closed = popup.waitForEvent('close');
    authkit
      .getByRole('button', { name: 'Done' })
      .click()
      .catch(() => undefined);
    await closed;
    const [row, ...others] = await demo.rows();
    assert.deepEqual(others, []);
    assert.equal(row?.platform, 'gmail');
    assert.equal(row.user_id, 'ada');
  });
});
