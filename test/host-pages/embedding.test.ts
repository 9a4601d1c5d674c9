import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, afterEach, before, describe, it } from 'node:test';
import type { Browser, BrowserContext, FrameLocator, Page } from 'playwright-core';
import { HostSite } from './host-site.js';
import { DemoFixture } from '../end-to-end/demo-fixture.js';
import { Surroundings } from './surroundings.js';
import { launch } from '../end-to-end/chromium.js';

/*
 * A page with the button in an iframe of another site's page. In Chromium alone: the component tests'
 * harness has one origin for both, and AuthKit's real popups are not to be had there.
 */
const guide = await readFile(new URL('../../demo/docs/embedding.md', import.meta.url), 'utf8');
const [plain = '', sandboxed = ''] = [...guide.matchAll(/```html\n(.*?)```/gs)].map(
  ([, html]) => html,
);
const tokens = /sandbox="([^"]*)"/.exec(sandboxed)?.[1]?.split(' ') ?? [];

const without = (token: string): string =>
  sandboxed.replace(new RegExp(` ?\\b${token}(?![-\\w])`), '');
const small = (html: string): string =>
  html.replace(/width="\d+"/, 'width="300"').replace(/height="\d+"/, 'height="200"');

/** What the button has told. */
interface Told {
  type: string;
  code?: string;
  hint?: string;
  reason?: string;
}

describe('in an iframe of another site', () => {
  let surroundings: Surroundings;
  let embedder: HostSite;
  let browser: Browser;
  let context: BrowserContext | undefined;

  before(async () => {
    surroundings = await Surroundings.start();
    embedder = await HostSite.start('127.0.0.1');
    browser = await launch();
  });
  afterEach(() => context?.close());
  after(async () => {
    await browser.close();
    await Promise.all([embedder.close(), surroundings.close()]);
  });

  interface Embed {
    page: Page;
    host: FrameLocator;
    told: () => Promise<Told[]>;
    heard: (type: string) => Promise<Told>;
  }

  /** Shows a page with the button as the HTML given has it. */
  async function embed(html: string, headers: Record<string, string> = {}): Promise<Embed> {
    const markup = `${surroundings.button('selected-connection="Gmail"')}<output></output>
      <script>
        const told = [];
        for (const type of ['pica-open', 'pica-success', 'pica-error', 'pica-close']) {
          document.addEventListener(type, ({ detail: { error, reason } }) => {
            told.push({ type, code: error?.code, hint: error?.hint, reason });
            document.querySelector('output').textContent = JSON.stringify(told);
          });
        }
      </script>`;
    const address = embedder.add({
      markup: html.replace('https://example.com/connect', surroundings.page({ markup })),
      headers,
    });
    context = await (context?.close(), browser.newContext());
    context.setDefaultTimeout(20_000);
    const page = await context.newPage();
    await page.goto(address);
    const host = page.frameLocator('iframe');
    const output = host.locator('output');
    return {
      page,
      host,
      told: async () => JSON.parse((await output.textContent()) || '[]') as Told[],
      heard: async (type) => {
        await output.getByText(`"${type}"`).waitFor();
        const found = (JSON.parse((await output.textContent()) ?? '') as Told[]).find(
          (one) => one.type === type,
        );
        assert.ok(found);
        return found;
      },
    };
  }

  const press = (host: FrameLocator) =>
    host.getByRole('button', { name: 'Connect Gmail' }).first().click();

  /** In AuthKit, from its first view to its last. */
  async function connect(authkit: FrameLocator): Promise<void> {
    const [consent] = await Promise.all([
      context?.waitForEvent('page'),
      authkit.getByRole('button', { name: 'Continue to Gmail' }).click(),
    ]);
    await consent?.getByRole('button', { name: 'Allow' }).click();
    await authkit.getByText('Gmail is connected').waitFor();
    // Chromium 156 may never answer the debugger for a click whose frame has gone by then.
    authkit
      .getByRole('button', { name: 'Done' })
      .click()
      .catch(() => undefined);
  }

  const typesOf = (told: Told[]): string[] => told.map(({ type }) => type);
  const whole = ['pica-open', 'pica-success', 'pica-close'];

  for (const [what, html] of [
    ['without sandbox', plain],
    ['with the tokens that the guide names', sandboxed],
    ['without allow-popups-to-escape-sandbox', without('allow-popups-to-escape-sandbox')],
  ] as const) {
    it(`a whole connection works ${what}`, async () => {
      const { host, told, heard } = await embed(html);
      await press(host);
      await connect(host.frameLocator('#event-link'));
      await heard('pica-close');
      assert.deepEqual(typesOf(await told()), whole);
    });

    it(`and in a small frame, in a window of its own, ${what}`, async () => {
      const { page, host, told, heard } = await embed(small(html));
      const [view] = await Promise.all([page.waitForEvent('popup'), press(host)]);
      await host.getByText('Go on in the other window.').waitFor();
      await Promise.all([view.waitForEvent('close'), connect(view.frameLocator('#event-link'))]);
      await heard('pica-close');
      assert.deepEqual(typesOf(await told()), whole);
    });
  }

  it('the guide names the tokens that are tested here', () => {
    assert.deepEqual(tokens.toSorted(), [
      'allow-forms',
      'allow-popups',
      'allow-popups-to-escape-sandbox',
      'allow-same-origin',
      'allow-scripts',
    ]);
  });

  it('without allow-scripts there is no button', async () => {
    const { host } = await embed(without('allow-scripts'));
    await host.getByRole('heading').waitFor();
    assert.equal(await host.getByRole('button').count(), 0);
  });

  it('without allow-same-origin the click says so', async () => {
    const { host, heard } = await embed(without('allow-same-origin'));
    await press(host);
    await heard('pica-close');
    const { code, hint } = await heard('pica-error');
    assert.equal(code, 'authkit-blocked');
    assert.match(hint ?? '', /allow-same-origin/);
  });

  it("without allow-popups, AuthKit's error has the token in its hint", async () => {
    const { host, heard } = await embed(without('allow-popups'));
    await press(host);
    await host
      .frameLocator('#event-link')
      .getByRole('button', { name: /Continue/ })
      .click();
    const { code, hint } = await heard('pica-error');
    assert.equal(code, 'connection-failed');
    assert.match(hint ?? '', /allow-popups/);
  });

  it('without allow-popups, the click in a small frame says so', async () => {
    const { page, host, heard, told } = await embed(small(without('allow-popups')));
    await press(host);
    assert.equal((await heard('pica-close')).reason, 'error');
    const { code, hint } = await heard('pica-error');
    assert.equal(code, 'authkit-blocked');
    assert.match(hint ?? '', /sandbox lacks allow-popups/);
    assert.deepEqual(typesOf(await told()), ['pica-open', 'pica-error', 'pica-close']);
    assert.equal(page.context().pages().length, 1);
  });

  it('without allow-forms, a press in AuthKit does nothing', async () => {
    const { page, host } = await embed(without('allow-forms'));
    const blocked = page.waitForEvent('console', (line) => line.text().includes('allow-forms'));
    await press(host);
    await host
      .frameLocator('#event-link')
      .getByRole('button', { name: /Continue/ })
      .click();
    await blocked;
    assert.equal(page.context().pages().length, 1);
  });

  it('check() says what it cannot see', async () => {
    const { page } = await embed(plain);
    const found = await page
      .frames()[1]
      ?.evaluate(() => document.querySelector('pica-connect-button')?.check());
    const last = found?.filter(({ code }) => code === 'authkit-blocked').at(-1);
    assert.equal(last?.ok, true);
    assert.match(last.message, /cannot see/);
    for (const token of tokens) assert.ok(last.hint.includes(token), token);
  });

  for (const [policy, works] of [
    ['same-origin-allow-popups', true],
    ['same-origin', false],
  ] as const) {
    it(`Cross-Origin-Opener-Policy: ${policy} at the top ${works ? 'lets' : 'does not let'} a small frame open its window`, async () => {
      const { page, host, heard } = await embed(small(plain), {
        'cross-origin-opener-policy': policy,
      });
      const opened = page.context().waitForEvent('page');
      await press(host);
      const view = await opened;
      if (works) {
        await view
          .frameLocator('#event-link')
          .getByRole('button', { name: /Continue/ })
          .waitFor();
      } else {
        assert.match((await heard('pica-error')).hint ?? '', /Cross-Origin-Opener-Policy/);
      }
    });
  }

  it('a whole connection works with third-party cookies blocked', async () => {
    const usual = browser;
    browser = await launch('--test-third-party-cookie-phaseout');
    try {
      const { host, heard, told } = await embed(sandboxed);
      await press(host);
      await connect(host.frameLocator('#event-link'));
      await heard('pica-close');
      assert.deepEqual(typesOf(await told()), whole);
    } finally {
      await context?.close();
      context = undefined;
      await browser.close();
      browser = usual;
    }
  });
});

describe('the demo in a frame of 300 × 200', () => {
  const fixture = new DemoFixture();

  fixture.it('connects in a window of its own, down to the row in the database', async (demo) => {
    const { page } = demo;
    // The demo lets only its own origin frame it.
    const body = '<!doctype html><title>Embed</title><iframe src="/" width="300" height="200">';
    await page.route('**/embed', (route) => route.fulfill({ contentType: 'text/html', body }));
    await page.goto('/embed');
    const button = page.frameLocator('iframe').getByRole('button', { name: 'Connect Gmail' });
    const [view] = await Promise.all([page.waitForEvent('popup'), button.first().click()]);
    const authkit = view.frameLocator('#event-link');
    const [consent] = await Promise.all([
      page.context().waitForEvent('page'),
      authkit.getByRole('button', { name: 'Continue to Gmail' }).click(),
    ]);
    await consent.getByRole('button', { name: 'Allow' }).click();
    await authkit.getByText('Gmail is connected').waitFor();
    const closed = view.waitForEvent('close');
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
