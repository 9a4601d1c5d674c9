import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, Locator } from 'playwright-core';
import { readPage, settingsFor, startHost, type Host } from '../../demo/examples/cms/host.js';
import { WordPressSite, type Writer } from '../../demo/examples/cms/wordpress/site.js';
import { startSandbox, type Sandbox } from '../../demo/sandbox/server.js';
import { launch } from '../end-to-end/chromium.js';
import { AppPage } from './app-page.js';
import { runDoctor } from './run-doctor.js';

type PageName = 'custom-html' | 'filtered';

/*
 * Runs a real WordPress with this machine's packages and database. How WordPress filters a page's HTML depends on its
 * author's role. These tests check what demo/examples/cms/README.md says about that.
 */
describe('a WordPress site', () => {
  let sandbox: Sandbox;
  let site: WordPressSite;
  let host: Host;
  let browser: Browser;

  /** Everything that has started, and has to be closed even if another part fails to start. */
  const running: { close(): Promise<void> }[] = [];

  before(async () => {
    running.push((browser = await launch()));
    running.push((sandbox = await startSandbox()));
    running.push((site = await WordPressSite.start()));
    running.push((host = await startHost(site.origin, sandbox)));
  });
  after(async () => {
    for (const part of running.reverse()) await part.close();
  });

  const page = (name: PageName) => readPage(name, host, sandbox);

  describe('with a Custom HTML block of an administrator', () => {
    testConnecting('admin', 'custom-html');

    it('keeps the elements and the script as they were pasted', async () => {
      const pasted = await page('custom-html');
      const { kept } = await site.publish('admin', 'Pasted', pasted);
      assert.equal(kept, pasted);
    });
  });

  describe('with a page of an author, who may write only some HTML,', () => {
    it('removes the elements and the script, and keeps the label', async () => {
      const { kept } = await site.publish('author', 'Stripped', await page('custom-html'));
      assert.doesNotMatch(kept, /<pica-|<script/);
      assert.match(kept, /Connect Gmail/);
    });

    it('keeps elements with data-pica-connect, including their attributes', async () => {
      const written = await page('filtered');
      const { kept } = await site.publish('author', 'Filtered', written);
      assert.deepEqual(divsOf(kept), divsOf(written));
    });

    for (const tag of ['div', 'span', 'p', 'a', 'section', 'ul', 'button']) {
      it(`keeps data-… on <${tag}>`, async () => {
        const written = `<${tag} data-pica-connect="button" data-debug data-selected-connection="Gmail">x</${tag}>`;
        const { kept } = await site.publish('author', tag, written);
        assert.equal(kept, written);
      });
    }

    it('keeps JSON in data-…, and the & of a URL', async () => {
      const headers = `data-token-headers='{"authorization":"Bearer a"}'`;
      const url = 'data-token-url="https://example.com/token?a=1&amp;b=2"';
      const { kept } = await site.publish('author', 'JSON', `<div ${headers} ${url}>x</div>`);
      assert.equal(kept, `<div ${headers} ${url}>x</div>`);
    });

    it('removes slot, part and event handlers', async () => {
      const { kept } = await site.publish(
        'author',
        'Handlers',
        '<div slot="icon" part="x" onclick="alert(1)" data-debug>x</div>',
      );
      assert.equal(kept, '<div data-debug>x</div>');
    });

    it('removes data-… from comments', async () => {
      const post = await site.publish('author', 'Commented', 'x');
      const written = 'Nice <div data-pica-connect="button">one</div><em data-debug>!</em>';
      assert.equal(await site.comment('author', post, written), '<p>Nice one<em>!</em></p>');
    });

    describe('and a must-use plugin that loads the script', () => {
      before(() => site.addPlugin(settingsFor(host, sandbox)));
      testConnecting('author', 'filtered');

      it('ignores placeholders with URLs of origins that are not in its settings', async () => {
        const evil = 'https://evil.example';
        const written = [
          'token-url',
          'connections-url',
          'integrations-url',
          'base-url',
          'image-url',
        ]
          .map(
            (name) => `<div data-pica-connect="list" data-${name}="${evil}/${name}">refused</div>`,
          )
          .join('');
        const { address, kept } = await site.publish('author', 'Evil', written);
        assert.equal(kept, written);
        const context = await browser.newContext();
        const visitedPage = await context.newPage();
        const requestedUrls: string[] = [];
        const consoleMessages: string[] = [];
        visitedPage.on('request', (request) => requestedUrls.push(request.url()));
        visitedPage.on('console', (message) => consoleMessages.push(message.text()));
        await visitedPage.goto(address);
        await visitedPage.waitForFunction(`'PicaConnect' in window`);
        assert.equal(await visitedPage.getByText('refused').count(), 5);
        assert.equal(await visitedPage.locator('pica-connections-list').count(), 0);
        assert.deepEqual(
          requestedUrls.filter((url) => url.startsWith(evil)),
          [],
        );
        const warnings = consoleMessages.filter((text) => text.includes(`leads to ${evil}`));
        assert.equal(warnings.length, 5);
        await context.close();
      });
    });
  });

  describe('with a block and a plugin that both load the script', () => {
    testConnecting('admin', 'custom-html');
  });

  describe('with the documentation’s backend as a plugin', () => {
    let app: AppPage;
    before(async () => {
      await site.addBackend({
        PICA_SECRET_KEY: 'sk_test_sandbox',
        PICA_API: sandbox.origin,
        PICA_AUTHKIT_ORIGIN: sandbox.origin,
      });
      const { address } = await site.publish('admin', 'Backend', '[pica_connections]');
      const context = await browser.newContext();
      context.setDefaultTimeout(20_000);
      app = await AppPage.at(`${site.origin}/wp-login.php`, context);
      await app.page.getByLabel('Username or Email Address').fill('admin');
      await app.page.getByLabel('Password', { exact: true }).fill('demo');
      await app.page.getByRole('button', { name: 'Log In' }).click();
      await app.page.waitForURL(/wp-admin/);
      await app.page.goto(address);
      await app.page
        .locator('pica-connect-button, pica-connections-list')
        .evaluateAll((elements, baseUrl) => {
          for (const element of elements) {
            element.setAttribute('base-url', baseUrl);
            element.setAttribute('selected-connection', 'Gmail');
          }
        }, `${sandbox.origin}/authkit`);
    });
    after(() => app.context.close());

    it('passes the doctor', async () => {
      const { url, headers } = await app.page
        .locator('pica-connect-button')
        .evaluate(async (element) => {
          const { tokenUrl, tokenHeaders } = element as unknown as {
            tokenUrl: string;
            tokenHeaders: () => Promise<Record<string, string>>;
          };
          return { url: tokenUrl, headers: await tokenHeaders() };
        });
      const output = await runDoctor(url, headers, sandbox.origin);
      assert.match(output, /No problems found\./);
    });

    it('stores and deletes a connection', async () => {
      await app.connect('pica-connect-button', 'Gmail');
      const row = app.rows('pica-connections-list').filter({ hasText: 'Gmail' });
      await row.waitFor();
      await app.page.reload();
      await row.getByRole('button', { name: /^Disconnect/ }).click();
      const response = app.page.waitForResponse((sent) => sent.request().method() === 'DELETE');
      await row
        .getByRole('button', { name: /^Disconnect/ })
        .last()
        .click();
      assert.equal((await response).status(), 204);
      await row.waitFor({ state: 'detached' });
      // WordPress loads users' pictures from another server, which may be unreachable.
      const consoleErrors = app.consoleErrors.filter((text) => !text.includes('gravatar.com'));
      assert.deepEqual(consoleErrors, []);
    });
  });

  function testConnecting(writer: Writer, name: PageName): void {
    let app: AppPage;
    before(async () => {
      host.rows.clear();
      const context = await browser.newContext();
      context.setDefaultTimeout(20_000);
      const { address } = await site.publish(writer, name, await page(name));
      app = await AppPage.at(address, context);
    });
    after(() => app.context.close());

    it('aligns the button and the list with the column of text', async () => {
      const leftOf = async (locator: Locator) => (await locator.boundingBox())?.x;
      const textLeft = await leftOf(app.page.getByText('Written by'));
      assert.equal(await leftOf(app.button('pica-connect-button')), textLeft);
      assert.equal(await leftOf(app.page.locator('pica-connections-list')), textLeft);
    });

    it('connects an account, stores it and shows it in the list', async () => {
      await app.connect('pica-connect-button', 'Gmail');
      await app.rows('pica-connections-list').filter({ hasText: 'Gmail' }).waitFor();
      assert.deepEqual(
        [...host.rows.values()].map(({ platform }) => platform),
        ['gmail'],
      );
      assert.deepEqual(app.consoleErrors, []);
    });
  }
});

/** The attributes of a page's <div> tags, independent of whitespace. */
function divsOf(page: string): string[][] {
  return [...page.matchAll(/<div\s([^>]*)>/g)].map(([, attributes = '']) =>
    attributes.trim().split(/\s+/),
  );
}
