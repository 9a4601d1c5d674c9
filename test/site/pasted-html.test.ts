import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import type { Browser, BrowserContext, Page, Request } from 'playwright-core';
import { launch } from '../end-to-end/chromium.js';

/*
 * Some docs pages are for people who don't program. These tests paste their HTML into a page, unchanged.
 */

const read = (path: string) => readFile(new URL(`../../${path}`, import.meta.url), 'utf8');

interface Snippet {
  file: string;
  html: string;
}

const snippetsOf = async (file: string): Promise<Snippet[]> =>
  [...(await read(file)).matchAll(/```html\n(.*?)```/gs)].map(([, html = '']) => ({ file, html }));

const snippets = (
  await Promise.all(
    ['put-it-on-your-site', 'site-builders', 'placeholders'].map((name) =>
      snippetsOf(`demo/docs/${name}.md`),
    ),
  )
).flat();

const hasScript = ({ html }: Snippet) => html.includes('<script');
const hasElement = (kind: 'button' | 'list', { html }: Snippet): boolean =>
  html.includes(`data-pica-connect="${kind}"`) ||
  html.includes(kind === 'button' ? '<pica-connect-button' : '<pica-connections-list');
const scriptOnly = snippets.find((snippet) => hasScript(snippet) && !hasElement('button', snippet));

/** A stand-in for AuthKit's page, with the same sequence: token request, connection, close. */
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

describe('the HTML for pasting in the docs', () => {
  let browser: Browser;
  let script: string;
  let diagnosisChunk: string;

  before(async () => {
    script = await read('dist/pica-connect.min.js');
    diagnosisChunk = await read('dist/pica-connect.diagnosis.js');
    browser = await launch();
  });
  after(() => browser.close());

  interface PastedPage {
    page: Page;
    context: BrowserContext;
    /** Requests to the host's endpoints, such as "POST /api/connections". */
    requests: string[];
    errors: string[];
  }

  /** Opens a site's page with this HTML. */
  async function paste(html: string): Promise<PastedPage> {
    const context = await browser.newContext();
    const requests: string[] = [];
    const errors: string[] = [];
    await context.route('**/*', (route) => {
      const request: Request = route.request();
      const { origin, pathname } = new URL(request.url());
      const json = (body: unknown) => route.fulfill({ headers: cors, json: body });
      if (origin === 'https://cdn.jsdelivr.net') {
        const body = pathname.endsWith('/dist/pica-connect.min.js') ? script : diagnosisChunk;
        return route.fulfill({ headers: { ...cors, 'content-type': 'text/javascript' }, body });
      }
      if (origin === 'https://authkit.picaos.com')
        return route.fulfill({ contentType: 'text/html', body: authkitPage });
      if (pathname.endsWith('.svg'))
        return route.fulfill({ contentType: 'image/svg+xml', body: svg });
      if (origin === 'https://site.example')
        return route.fulfill({ contentType: 'text/html', body: html });
      if (origin !== 'https://example.com') return route.abort();
      if (request.method() !== 'OPTIONS') requests.push(`${request.method()} ${pathname}`);
      return json(pathname === '/api/authkit/token' ? token : []);
    });
    const page = await context.newPage();
    page.setDefaultTimeout(20_000);
    page.on('pageerror', ({ message }) => errors.push(message));
    await page.goto('https://site.example/');
    return { page, context, requests, errors };
  }

  /** A complete page. If the snippet has no script, the script is in the head. */
  const pageWith = (snippet: Snippet) =>
    hasScript(snippet)
      ? snippet.html
      : `<!doctype html><html lang="en"><head>${scriptOnly?.html ?? ''}</head><body>${snippet.html}</body></html>`;

  const elementSnippets = snippets.filter(
    (snippet) => hasElement('button', snippet) || hasElement('list', snippet),
  );

  it('consists of a script and of elements that are tested', () => {
    assert.ok(scriptOnly);
    assert.deepEqual(
      snippets.filter((snippet) => !elementSnippets.includes(snippet)),
      [scriptOnly],
    );
    assert.ok(elementSnippets.length >= 9);
  });

  elementSnippets.forEach((snippet, index) => {
    const label = `element ${String(index + 1)}, from ${snippet.file}`;

    if (hasElement('list', snippet)) {
      it(`shows the user's connections: ${label}`, async () => {
        const { page, context, requests, errors } = await paste(pageWith(snippet));
        await page.getByRole('heading', { name: 'Connections' }).waitFor();
        await page.waitForFunction(
          () => document.querySelector('pica-connections-list')?.busy === false,
        );
        assert.ok(requests.includes('GET /api/connections'));
        assert.deepEqual(errors, []);
        await context.close();
      });
    }

    if (hasElement('button', snippet)) {
      it(`connects an account: ${label}`, async () => {
        const { page, context, requests, errors } = await paste(pageWith(snippet));
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
        assert.ok(requests.includes('POST /api/authkit/token'));
        assert.equal(new URL(page.url()).hash, '');
        assert.deepEqual(errors, []);
        await context.close();
      });
    }
  });

  it('shows the debug box in the first example', async () => {
    const [first] = elementSnippets;
    assert.ok(first);
    const { page, context } = await paste(pageWith(first));
    await page.getByText('Debug mode is on.').waitFor();
    await context.close();
  });
});
