import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { render } from '@lit-labs/ssr';
import { collectResult } from '@lit-labs/ssr/lib/render-result.js';
import { html, type TemplateResult } from 'lit';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { bundle } from './bundle.js';
import { launch } from './chromium.js';

/*
 * @lit-labs/ssr renders the built package on a server, and the browser hydrates it. The page has to load the hydration
 * support before the elements, as this script does.
 */

const clientScript = `
  import '@lit-labs/ssr-client/lit-element-hydrate-support.js';
  import { hydrate } from '@lit-labs/ssr-client';
  import { html } from 'lit';
  const lists = [...document.querySelectorAll('pica-connections-list')];
  window.serverRows = lists.flatMap((list) => [...list.shadowRoot.querySelectorAll('li')]);
  window.changes = [];
  for (const element of document.querySelectorAll(':not(:defined)')) {
    if (!element.shadowRoot) continue;
    new MutationObserver((records) => {
      const added = records.filter(({ addedNodes }) => addedNodes.length > 0);
      window.changes.push(...added.map(({ target }) => target.nodeName));
    }).observe(element.shadowRoot, { childList: true, subtree: true });
  }
  await import('pica-connect/locales/de');
  await import('pica-connect');
  if (window.rows) {
    hydrate(
      html\`<pica-connections-list .connections=\${window.rows}></pica-connections-list>\`,
      document.querySelector('#app'),
    );
  }
  await Promise.all([...document.querySelectorAll('pica-connect-button, pica-connections-list')]
    .map((element) => element.updateComplete));
  document.body.dataset.hydrated = '';
`;

const rows = Array.from({ length: 20 }, (_, index) => ({
  key: `live::slack::default::${index}`,
  platform: 'slack',
  environment: 'live' as const,
  state: index % 2 ? ('operational' as const) : ('failed' as const),
  name: `Team ${index}`,
  createdAt: '2026-01-02T10:00:00Z',
}));

interface ClientWindow {
  serverRows: Element[];
  changes: string[];
  rows?: unknown;
}

const load = (name: string) => import(name) as Promise<unknown>;

describe('with server rendering', () => {
  let browser: Browser;
  let script: string;

  before(async () => {
    // The public name resolves to the built package, with Node's export conditions.
    await load('pica-connect');
    await load('pica-connect/locales/de');
    script = await bundle(clientScript);
    browser = await launch();
  });
  after(() => browser.close());

  const renderOnServer = (template: TemplateResult, deferHydration = false): Promise<string> =>
    collectResult(render(template, { deferHydration }));

  /** Opens a page that contains this markup from the server. */
  async function visit(
    markup: string,
    { data, ...options }: BrowserContextOptions & { data?: unknown } = {},
  ): Promise<{ page: Page; errors: string[]; requests: string[] }> {
    const context = await browser.newContext(options);
    const page = await context.newPage();
    const errors: string[] = [];
    const requests: string[] = [];
    page.on('pageerror', ({ message }) => errors.push(message));
    await context.route('http://host.example/**', (route) => {
      const { pathname } = new URL(route.request().url());
      requests.push(pathname);
      if (pathname === '/client.js') {
        return route.fulfill({ contentType: 'text/javascript', body: script });
      }
      if (pathname === '/api/connections') return route.fulfill({ json: rows });
      const dataScript = data ? `<script>window.rows = ${JSON.stringify(data)}</script>` : '';
      const body = `<!doctype html><html lang="en"><body><div id="app">${markup}</div>${dataScript}
        <script type="module" src="/client.js"></script></body></html>`;
      return route.fulfill({ contentType: 'text/html', body });
    });
    await page.goto('http://host.example/');
    return { page, errors, requests };
  }

  const waitForHydration = (page: Page) => page.locator('body[data-hydrated]').waitFor();
  const button = html`<pica-connect-button
    token-url="/api/authkit/token"
    selected-connection="Gmail"
  ></pica-connect-button>`;

  it('both elements have declarative shadow roots', async () => {
    const markup = await renderOnServer(
      html`${button}<pica-connections-list></pica-connections-list>`,
    );
    assert.equal(markup.match(/<template [^>]*shadowrootmode="open"/g)?.length, 2);
    assert.match(markup, /Connect Gmail/);
    assert.match(markup, /Nothing is connected yet/);
  });

  it('a list with a URL shows that it is loading', async () => {
    const markup = await renderOnServer(
      html`<pica-connections-list connections-url="/api/connections"></pica-connections-list>`,
    );
    assert.doesNotMatch(markup, /Nothing is connected yet/);
    assert.match(markup, /Loading connections/);
  });

  it('the button is hydrated without changes to its DOM', async () => {
    const { page, errors } = await visit(await renderOnServer(button));
    await waitForHydration(page);
    await page.getByRole('button', { name: 'Connect Gmail' }).waitFor();
    assert.equal(await page.locator('pica-connect-button [part="button"]').count(), 1);
    assert.deepEqual(await page.evaluate(() => (window as unknown as ClientWindow).changes), []);
    assert.deepEqual(errors, []);
    await page.context().close();
  });

  it('both elements are hydrated without changes in another language', async () => {
    const german = html`<pica-connect-button
        lang="de"
        selected-connection="Gmail"
      ></pica-connect-button
      ><pica-connections-list lang="de" .connections=${[]}></pica-connections-list>`;
    const markup = await renderOnServer(german);
    assert.match(markup, /Gmail verbinden/);
    const { page, errors } = await visit(markup);
    await waitForHydration(page);
    await page.getByRole('button', { name: 'Gmail verbinden' }).waitFor();
    await page.getByRole('heading', { name: 'Verbindungen' }).waitFor();
    assert.deepEqual(await page.evaluate(() => (window as unknown as ClientWindow).changes), []);
    assert.deepEqual(errors, []);
    await page.context().close();
  });

  it('the button works after hydration', async () => {
    const { page } = await visit(await renderOnServer(button));
    await waitForHydration(page);
    // Not every machine can reach AuthKit, and without a connection the dialog would close again.
    await page.route('https://authkit.picaos.com/**', () => {});
    await page.getByRole('button', { name: 'Connect Gmail' }).click();
    await page.getByRole('dialog').waitFor();
    await page.context().close();
  });

  it('a list with rows from the server is hydrated without another rendering', async () => {
    const list = html`<pica-connections-list .connections=${rows}></pica-connections-list>`;
    const { page, errors, requests } = await visit(await renderOnServer(list, true), {
      data: rows,
    });
    await waitForHydration(page);
    const outcome = await page.evaluate(() => {
      const { serverRows, changes } = window as unknown as ClientWindow;
      const list = document.querySelector('pica-connections-list');
      const rows = [...(list?.shadowRoot?.querySelectorAll('li') ?? [])];
      const areSame = rows.every((row, index) => row === serverRows[index]);
      return { changes, count: rows.length, areSame };
    });
    assert.deepEqual(outcome, { changes: [], count: rows.length, areSame: true });
    assert.deepEqual(errors, []);
    assert.ok(!requests.includes('/api/connections'));
    // The list responds to clicks.
    const [first] = await page.getByRole('button', { name: /^Disconnect/ }).all();
    await first?.click();
    await page.getByText('Disconnect?').waitFor();
    await page.context().close();
  });

  it('a list with a URL loads its rows once', async () => {
    const markup = await renderOnServer(
      html`<pica-connections-list connections-url="/api/connections"></pica-connections-list>`,
    );
    const { page, errors, requests } = await visit(markup);
    await page.getByText('Team 19').waitFor();
    assert.equal(await page.locator('pica-connections-list [part="list"]').count(), 1);
    assert.equal(requests.filter((path) => path === '/api/connections').length, 1);
    assert.deepEqual(errors, []);
    await page.context().close();
  });

  it('the button asks for JavaScript if it is turned off', async () => {
    const { page } = await visit(await renderOnServer(button), { javaScriptEnabled: false });
    await page.getByText('Connect Gmail').waitFor();
    // Playwright's text locators ignore <noscript>.
    const advice = page.locator('pica-connect-button noscript');
    assert.match(await advice.innerText(), /switch JavaScript on/);
    assert.ok((await advice.boundingBox())?.height, 'the advice is not visible');
    await page.context().close();
  });

  it('the button does not ask for JavaScript if it is turned on', async () => {
    const { page } = await visit(await renderOnServer(button));
    await waitForHydration(page);
    assert.equal(await page.locator('pica-connect-button noscript').boundingBox(), null);
    await page.context().close();
  });
});
