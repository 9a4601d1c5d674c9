import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import type { Browser, BrowserContext, Page, Request } from 'playwright-core';
import { launch } from '../end-to-end/chromium.js';

/** The HTML in the docs for people who do not program, pasted into a page as it is, connects an account. */

const read = (path: string) => readFile(new URL(`../../${path}`, import.meta.url), 'utf8');

interface Snippet {
  from: string;
  html: string;
}

const snippetsOf = async (from: string): Promise<Snippet[]> =>
  [...(await read(from)).matchAll(/```html\n(.*?)```/gs)].map(([, html = '']) => ({ from, html }));

const snippets = (
  await Promise.all(
    ['put-it-on-your-site', 'site-builders', 'placeholders'].map((name) =>
      snippetsOf(`demo/docs/${name}.md`),
    ),
  )
).flat();

const isScript = ({ html }: Snippet) => html.includes('<script');
const names = (kind: 'button' | 'list', { html }: Snippet): boolean =>
  html.includes(`data-pica-connect="${kind}"`) ||
  html.includes(kind === 'button' ? '<pica-connect-button' : '<pica-connections-list');
const scriptAlone = snippets.find((one) => isScript(one) && !names('button', one));

/** As AuthKit's page does it: the token first, then a connection, then the end. */
const authkitPage = `<!doctype html><title>AuthKit</title><button>Allow</button><script>
  const { linkTokenEndpoint, token } = JSON.parse(atob(new URL(location.href).searchParams.get('data')));
  document.querySelector('button').onclick = async () => {
    await fetch(linkTokenEndpoint ?? token.url, { method: 'POST', body: '{}',
      headers: { 'content-type': 'application/json' } });
    parent.postMessage({ messageType: 'LINK_SUCCESS', message: { key: 'live::gmail::default::1',
      platform: 'gmail', environment: 'live', state: 'operational', active: true } }, '*');
    parent.postMessage({ messageType: 'EXIT_EVENT_LINK' }, '*');
  };
</script>`;

const token = {
  rows: [{ id: 1, title: 'Gmail', type: 'oauth', environment: 'live', active: true }],
  page: 1,
  pages: 1,
  total: 1,
};

const cors = {
  'access-control-allow-origin': '*',
  'access-control-allow-headers': '*',
  'access-control-allow-methods': 'GET, POST, DELETE',
};

const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"><circle r="8"/></svg>';

describe('the HTML that the docs say to paste', () => {
  let browser: Browser;
  let script: string;
  let beside: string;

  before(async () => {
    script = await read('dist/pica-connect.min.js');
    beside = await read('dist/pica-connect.diagnosis.js');
    browser = await launch();
  });
  after(() => browser.close());

  interface Visited {
    page: Page;
    context: BrowserContext;
    /** What the host's endpoints were asked, as "POST /api/connections". */
    asked: string[];
    errors: string[];
  }

  /** A page of somebody's site with this pasted into it. */
  async function paste(html: string): Promise<Visited> {
    const context = await browser.newContext();
    const asked: string[] = [];
    const errors: string[] = [];
    await context.route('**/*', (route) => {
      const request: Request = route.request();
      const { origin, pathname } = new URL(request.url());
      const json = (body: unknown) => route.fulfill({ headers: cors, json: body });
      if (origin === 'https://cdn.jsdelivr.net') {
        const body = pathname.endsWith('/dist/pica-connect.min.js') ? script : beside;
        return route.fulfill({ headers: { ...cors, 'content-type': 'text/javascript' }, body });
      }
      if (origin === 'https://authkit.picaos.com')
        return route.fulfill({ contentType: 'text/html', body: authkitPage });
      if (pathname.endsWith('.svg'))
        return route.fulfill({ contentType: 'image/svg+xml', body: svg });
      if (origin === 'https://site.example')
        return route.fulfill({ contentType: 'text/html', body: html });
      if (origin !== 'https://example.com') return route.abort();
      if (request.method() !== 'OPTIONS') asked.push(`${request.method()} ${pathname}`);
      return json(pathname === '/api/authkit/token' ? token : []);
    });
    const page = await context.newPage();
    page.setDefaultTimeout(20_000);
    page.on('pageerror', ({ message }) => errors.push(message));
    await page.goto('https://site.example/');
    return { page, context, asked, errors };
  }

  /** The whole of a page for a snippet that leaves the script to the head of the site. */
  const pageWith = (one: Snippet) =>
    isScript(one)
      ? one.html
      : `<!doctype html><html lang="en"><head>${scriptAlone?.html ?? ''}</head><body>${one.html}</body></html>`;

  const elements = snippets.filter((one) => names('button', one) || names('list', one));

  it('show a script by itself and nothing that is not shown to work below', () => {
    assert.ok(scriptAlone);
    assert.deepEqual(
      snippets.filter((one) => !elements.includes(one)),
      [scriptAlone],
    );
    assert.ok(elements.length >= 9);
  });

  elements.forEach((one, index) => {
    const what = `${one.from}, element ${String(index + 1)}`;

    if (names('list', one)) {
      it(`shows what is connected: ${what}`, async () => {
        const { page, context, asked, errors } = await paste(pageWith(one));
        await page.getByRole('heading', { name: 'Connections' }).waitFor();
        await page.waitForFunction(
          () => document.querySelector('pica-connections-list')?.busy === false,
        );
        assert.ok(asked.includes('GET /api/connections'));
        assert.deepEqual(errors, []);
        await context.close();
      });
    }

    if (names('button', one)) {
      it(`connects an account: ${what}`, async () => {
        const { page, context, asked, errors } = await paste(pageWith(one));
        const connected = page.evaluate(
          () =>
            new Promise((resolve) => {
              document.addEventListener('pica-success', ({ detail }) => {
                resolve(detail.connection.key);
              });
            }),
        );
        await page
          .getByRole('button', { name: /^Connect/ })
          .first()
          .click();
        const frame = page.frameLocator('iframe#event-link');
        await frame.getByRole('button', { name: 'Allow' }).click();
        assert.equal(await connected, 'live::gmail::default::1');
        await page.locator('iframe#event-link').waitFor({ state: 'detached' });
        assert.ok(asked.includes('POST /api/authkit/token'));
        assert.equal(new URL(page.url()).hash, '');
        assert.deepEqual(errors, []);
        await context.close();
      });
    }
  });

  it('have the box that data-debug shows, as the first steps say', async () => {
    const [first] = elements;
    assert.ok(first);
    const { page, context } = await paste(pageWith(first));
    await page.getByText('Debug mode is on.').waitFor();
    await context.close();
  });
});
