import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { after, before, describe, it } from 'node:test';
import getPort from 'get-port';
import type { Browser, Page, Request } from 'playwright-core';
import type * as Classes from '../../src/classes.js';
import manifest from '../../custom-elements.json' with { type: 'json' };
import { bundle } from '../end-to-end/bundle.js';
import { launch } from '../end-to-end/chromium.js';

/*
 * Runs the code in the README and the docs. Other tests cover the pages about frameworks, backends, site builders and
 * getting started. The names of elements, attributes, slots, parts and properties are checked on all pages here.
 */

const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (path: string) => readFile(join(root, path), 'utf8');

const pages = [
  'README.md',
  ...(await readdir(join(root, 'demo/docs'), { recursive: true }))
    .filter((name) => name.endsWith('.md') && !name.startsWith('reference'))
    .map((name) => `demo/docs/${name}`),
];
const texts = new Map(
  await Promise.all(pages.map(async (page) => [page, await read(page)] as const)),
);

/** A page's examples in a language, in order. */
const snippetsIn = (page: string, language: string): string[] => {
  const fence = new RegExp(`^ *\`\`\`${language}\\n(.*?)^ *\`\`\``, 'gms');
  return [...(texts.get(page) ?? '').matchAll(fence)].map(([, code = '']) => code);
};
const allSnippets = (language: string) =>
  pages.flatMap((page) => snippetsIn(page, language).map((code) => ({ page, code })));

/** A page's only example in a language, or its only one that includes a text. */
const snippet = (page: string, language: string, text = ''): string => {
  const [code, ...others] = snippetsIn(page, language).filter((code) => code.includes(text));
  assert.ok(code !== undefined && others.length === 0, `${page} has one ${language} with ${text}`);
  return code;
};

/** The global variable of the one-file build. */
interface ScriptGlobals {
  PicaConnect: typeof Classes;
}

interface ManifestEntry {
  name: string;
}
interface Declaration {
  tagName?: string;
  attributes?: ManifestEntry[];
  cssParts?: ManifestEntry[];
  cssProperties?: ManifestEntry[];
  slots?: ManifestEntry[];
}
const elements = (manifest.modules as { declarations?: Declaration[] }[])
  .flatMap(({ declarations = [] }) => declarations)
  .filter(({ tagName }) => tagName !== undefined);
const namesOf = (kind: 'attributes' | 'cssParts' | 'cssProperties' | 'slots', tag?: string) =>
  elements
    .filter(({ tagName }) => tag === undefined || tagName === tag)
    .flatMap((element) => element[kind] ?? [])
    .map(({ name }) => name);

const host = 'http://host.example';
const connection = {
  key: 'live::gmail::default::1',
  platform: 'gmail',
  environment: 'live',
  state: 'operational',
};

describe('code in the README and the docs', () => {
  let browser: Browser;

  before(async () => {
    browser = await launch();
  });
  after(() => browser.close());

  /** Opens a page with this body, and adds a script: the one-file build by default. */
  async function openPage(body: string, { lang = 'en', script = '' } = {}): Promise<Page> {
    // Without transitions, colors are final at once.
    const context = await browser.newContext({ reducedMotion: 'reduce' });
    context.setDefaultTimeout(10_000);
    const page = await context.newPage();
    await page.route(`${host}/**`, async (route) => {
      const { pathname } = new URL(route.request().url());
      if (pathname === '/') {
        const html = `<!doctype html><html lang="${lang}"><meta charset="utf-8"><body>${body}</body></html>`;
        await route.fulfill({ contentType: 'text/html', body: html });
      } else if (/^\/[\w./-]+\.js$/.test(pathname)) {
        await route.fulfill({
          contentType: 'text/javascript',
          body: await read(`dist${pathname}`),
        });
      } else await route.fulfill({ status: 404, body: '' });
    });
    await page.goto(host);
    await (script
      ? page.addScriptTag({ content: script, type: 'module' })
      : page.addScriptTag({ url: '/pica-connect.min.js' }));
    return page;
  }

  it('uses only elements, attributes and slots that exist', async () => {
    const page = await browser.newPage();
    const usages = await page.evaluate(
      (snippets) =>
        snippets.flatMap((html) => {
          const { body } = new DOMParser().parseFromString(html, 'text/html');
          return [...body.querySelectorAll('*')].map((element) => ({
            tag: element.localName,
            slot: element.parentElement?.localName.startsWith('pica-') ? element.slot : '',
            attributes: element.getAttributeNames(),
            placeholder: element.getAttribute('data-pica-connect'),
          }));
        }),
      allSnippets('html').map(({ code }) => code),
    );
    const tags = { button: 'pica-connect-button', list: 'pica-connections-list' };
    const ours = usages.flatMap(({ tag, attributes, placeholder }) => {
      if (tag.startsWith('pica-')) return [{ tag, attributes }];
      if (placeholder !== 'button' && placeholder !== 'list') return [];
      const data = attributes
        .filter((name) => name.startsWith('data-') && name !== 'data-pica-connect')
        .map((name) => name.slice('data-'.length));
      return [{ tag: tags[placeholder], attributes: data }];
    });
    assert.ok(ours.length > 10);
    const globalAttributes = ['id', 'class', 'style', 'lang', 'dir', 'hidden', 'slot', 'part'];
    for (const { tag, attributes } of ours) {
      const known = [...namesOf('attributes', tag), ...globalAttributes];
      assert.deepEqual(
        attributes.filter((name) => !known.includes(name)),
        [],
        tag,
      );
    }
    const slots = usages.map(({ slot }) => slot).filter(Boolean);
    assert.deepEqual(
      slots.filter((slot) => !namesOf('slots').includes(slot)),
      [],
    );
    await page.close();
  });

  it('uses only custom properties and parts that exist', () => {
    for (const { page, code } of [...allSnippets('css'), ...allSnippets('html')]) {
      for (const [name] of code.matchAll(/--pica-[\w-]+/g)) {
        assert.ok(namesOf('cssProperties').includes(name), `${name} in ${page}`);
      }
      for (const [, name = ''] of code.matchAll(/::part\((\w+)\)/g)) {
        assert.ok(namesOf('cssParts').includes(name), `::part(${name}) in ${page}`);
      }
    }
  });

  describe('in README.md', () => {
    const listener = snippet('README.md', 'js', 'pica-success');

    async function save(status: number): Promise<{ request: Request; saves: string[] }> {
      const page = await openPage(
        `<pica-connect-button></pica-connect-button><script>${listener}</script>`,
      );
      await page.route(`${host}/api/connections`, (route) => route.fulfill({ status }));
      const [request, saves] = await Promise.all([
        page.waitForRequest(`${host}/api/connections`),
        dispatchSuccess(page),
      ]);
      await page.context().close();
      return { request, saves };
    }

    it('sends a new connection to the host', async () => {
      const { request, saves } = await save(201);
      const { key, ...others } = connection;
      assert.deepEqual(request.postDataJSON(), { ...others, connection_key: key });
      assert.deepEqual(saves, ['fulfilled']);
    });

    it('rejects the save when the host fails to store the connection', async () => {
      assert.deepEqual((await save(500)).saves, ['rejected']);
    });

    it('is a token endpoint that AuthKit can use', async () => {
      const port = await getPort();
      const code = snippet('README.md', 'js', 'createToken').replace('3000', String(port));
      await mkdir(join(root, '.test-results'), { recursive: true });
      const folder = await mkdtemp(join(root, '.test-results', 'readme-'));
      await writeFile(join(folder, 'pica.mjs'), await read('demo/examples/backends/pica.mjs'));
      // The README leaves userOf() to the host.
      await writeFile(
        join(folder, 'server.mjs'),
        `${code}\nfunction userOf(credential) { return credential && 'user-1'; }\nprocess.send('up');`,
      );
      const server = spawn(process.execPath, [join(folder, 'server.mjs')], {
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
        env: { ...process.env, PICA_SECRET_KEY: 'sk_test_1' },
      });
      try {
        await once(server, 'message'); // sent once the server has started
        const url = `http://localhost:${String(port)}/api/authkit/token`;
        const origin = 'https://authkit.picaos.com';
        const preflightHeaders = { origin, 'access-control-request-method': 'POST' };
        const preflight = await fetch(url, { method: 'OPTIONS', headers: preflightHeaders });
        assert.equal(preflight.headers.get('access-control-allow-origin'), origin);
        const unauthorized = await fetch(url, { method: 'POST', headers: { origin } });
        assert.equal(unauthorized.status, 401);
        const headers = { origin, authorization: 'Bearer of-user-1' };
        const response = await fetch(url, { method: 'POST', headers });
        // The key isn't real, and Pica may not be reachable from here.
        assert.equal(response.status, 502);
        assert.equal(response.headers.get('access-control-allow-origin'), origin);
      } finally {
        server.kill();
        await rm(folder, { recursive: true, force: true });
      }
    });

    it('sets options for all elements of the page', async () => {
      const code = snippet('README.md', 'js', 'configure({');
      const page = await openPage('<pica-connect-button></pica-connect-button>', {
        script: await bundle(
          `${code}\nfunction shortLivedToken() { return Promise.resolve('short-lived'); }`,
        ),
      });
      const options = await page.evaluate(async () => {
        const { tokenUrl, connectionsUrl, tokenHeaders } =
          document.querySelector('pica-connect-button') ?? {};
        const headers = typeof tokenHeaders === 'function' ? await tokenHeaders() : tokenHeaders;
        return [tokenUrl, connectionsUrl, headers];
      });
      assert.deepEqual(options, [
        '/api/authkit/token',
        '/api/connections',
        { authorization: 'Bearer short-lived' },
      ]);
      await page.context().close();
    });

    it('changes the colors and the shape of the button', async () => {
      const page = await openPage(
        `<style>${snippet('README.md', 'css')}</style><pica-connect-button></pica-connect-button>`,
      );
      const { backgroundColor, borderRadius, textTransform } = await buttonStyle(page);
      assert.deepEqual(
        { backgroundColor, borderRadius, textTransform },
        { backgroundColor: 'rgb(10, 122, 90)', borderRadius: '999px', textTransform: 'uppercase' },
      );
      await page.context().close();
    });
  });

  it('fetches a separate credential for each purpose on the page about backends', async () => {
    const page = await openPage('<pica-connections-list></pica-connections-list>');
    await page.route(`${host}/api/credential?*`, (route) => {
      const { searchParams } = new URL(route.request().url());
      return route.fulfill({ body: `for ${searchParams.get('purpose') ?? ''}` });
    });
    const code = snippet('demo/docs/backends/README.md', 'js', 'tokenHeaders');
    await page.addScriptTag({ content: code });
    const headers = await page.evaluate(() => {
      const [list] = document.querySelectorAll('pica-connections-list');
      const options = [list?.tokenHeaders, list?.requestHeaders] as (() => Promise<unknown>)[];
      return Promise.all(options.map((option) => option()));
    });
    assert.deepEqual(headers, [
      { authorization: 'Bearer for token' },
      { authorization: 'Bearer for connections' },
    ]);
    await page.context().close();
  });

  describe('in saving.md', () => {
    it('passes the save to the element, which waits for it', async () => {
      const code = snippet('demo/docs/saving.md', 'js');
      const page = await openPage(
        `<pica-connect-button></pica-connect-button><script>
          const save = (connection) => Promise.resolve((globalThis.saved = connection));
          ${code}</script>`,
      );
      assert.deepEqual(await dispatchSuccess(page), ['fulfilled']);
      assert.deepEqual(await page.evaluate('saved'), connection);
      await page.context().close();
    });
  });

  describe('in security.md', () => {
    it('sets a function for the headers, which is called when AuthKit opens', async () => {
      const page = await openPage(
        `<pica-connect-button token-url="/token" base-url="${host}/authkit"></pica-connect-button>`,
      );
      const request = page.waitForRequest(`${host}/token`);
      await page.evaluate(
        `const button = document.querySelector('pica-connect-button');
        const shortLivedToken = async () => 'short-lived';
        ${snippet('demo/docs/security.md', 'js')}`,
      );
      await page.getByRole('button', { name: 'Connect' }).click();
      assert.equal((await request).headers().authorization, 'Bearer short-lived');
      await page.context().close();
    });
  });

  describe('in placeholders.md', () => {
    it('listens on the placeholder and finds the element in it', async () => {
      const page = await openPage(
        `<script src="/pica-connect.min.js" data-placeholders="" defer></script>
        <div id="gmail" data-pica-connect="button"></div>`,
      );
      const logged = page.waitForEvent('console');
      await page.evaluate(snippet('demo/docs/placeholders.md', 'js', 'addEventListener'));
      await dispatchSuccess(page);
      assert.deepEqual(await (await logged).args()[0]?.jsonValue(), connection);
      const headers = await page.evaluate(() => {
        const tokenHeaders = document.querySelector('pica-connect-button')?.tokenHeaders;
        return typeof tokenHeaders === 'function' ? tokenHeaders() : tokenHeaders;
      });
      assert.deepEqual(headers, { authorization: 'Bearer …' });
      await page.context().close();
    });

    it('sets options for all elements of the page', async () => {
      const page = await openPage('<pica-connect-button></pica-connect-button>');
      const code = snippet('demo/docs/placeholders.md', 'js', 'configure');
      await page.evaluate(`const shortLivedToken = () => Promise.resolve('short-lived');\n${code}`);
      const headers = await page.evaluate(() => {
        const tokenHeaders = document.querySelector('pica-connect-button')?.tokenHeaders;
        return typeof tokenHeaders === 'function' ? tokenHeaders() : tokenHeaders;
      });
      assert.deepEqual(headers, { authorization: 'Bearer short-lived' });
      await page.context().close();
    });
  });

  describe('in languages.md', () => {
    it('shows the elements in the language of the page', async () => {
      const html = snippet('demo/docs/languages.md', 'html');
      const [, lang = '', body = ''] = /lang="(\w+)">(.*)<\/html>/s.exec(html) ?? [];
      const page = await openPage(body, { lang });
      await page.getByRole('button', { name: 'Gmail verbinden' }).waitFor();
      await page.context().close();
    });

    it('replaces strings with the host’s', async () => {
      const page = await openPage(
        `<pica-connect-button></pica-connect-button>
        <pica-connect-button selected-connection="Gmail"></pica-connect-button>`,
        { script: await bundle(snippet('demo/docs/languages.md', 'ts')) },
      );
      await page.getByRole('button', { name: 'Link an account' }).waitFor();
      await page.getByRole('button', { name: 'Link Gmail' }).waitFor();
      await page.context().close();
    });
  });

  describe('in theming.md', () => {
    /** The styles of a button with one of the examples, on a light and on a dark page. */
    async function stylesWith(text: string, markup: string) {
      const css = snippet('demo/docs/theming.md', 'css', text);
      const page = await openPage(`<style>${css}</style>${markup}`);
      const styles = [];
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        styles.push(await buttonStyle(page));
      }
      await page.context().close();
      return styles;
    }
    const button = '<pica-connect-button></pica-connect-button>';

    it('sets custom properties on an ancestor of the elements', async () => {
      for (const style of await stylesWith('999px', button)) {
        assert.equal(style.backgroundColor, 'rgb(15, 118, 110)');
        assert.equal(style.color, 'rgb(255, 255, 255)');
        assert.equal(style.borderRadius, '999px');
      }
    });

    it('lets the page follow the system while a part of it stays dark', async () => {
      const dark = 'rgb(145, 167, 255)';
      const onPage = await stylesWith('.night', button);
      assert.deepEqual(
        onPage.map(({ backgroundColor }) => backgroundColor),
        ['rgb(59, 91, 219)', dark],
      );
      const inDarkPart = await stylesWith('.night', `<div class="night">${button}</div>`);
      assert.deepEqual(
        inDarkPart.map(({ backgroundColor }) => backgroundColor),
        [dark, dark],
      );
    });

    it('sets colors for both schemes', async () => {
      const styles = await stylesWith(
        'light-dark(#0f766e',
        `<style>:root { color-scheme: light dark }</style>${button}`,
      );
      assert.deepEqual(
        styles.map(({ backgroundColor, color }) => [backgroundColor, color]),
        [
          ['rgb(15, 118, 110)', 'rgb(255, 255, 255)'],
          ['rgb(94, 234, 212)', 'rgb(6, 48, 43)'],
        ],
      );
    });

    it('styles parts', async () => {
      const css = snippet('demo/docs/theming.md', 'css', '::part(item)');
      const page = await openPage(
        `<style>:root { --pica-accent: rgb(1, 2, 3) } ${css}</style>${button}<pica-connections-list></pica-connections-list>`,
      );
      assert.equal((await buttonStyle(page)).textTransform, 'uppercase');
      await page.evaluate(
        (rows) => {
          const list = document.querySelector('pica-connections-list');
          if (list) list.connections = rows as never;
        },
        [connection],
      );
      await page.locator('pica-connections-list [part="item"]').waitFor();
      const border = await page
        .locator('pica-connections-list [part="item"]')
        .evaluate((item) => getComputedStyle(item).borderInlineStart);
      assert.equal(border, '3px solid rgb(1, 2, 3)');
      await page.context().close();
    });

    it('styles a status', async () => {
      const css = snippet('demo/docs/theming.md', 'css', "[status='saving']");
      const page = await openPage(`<style>${css}</style>${button}`);
      const cursor = () =>
        page
          .locator('pica-connect-button [part="button"]')
          .evaluate((inner) => getComputedStyle(inner).cursor);
      assert.equal(await cursor(), 'pointer');
      await page.evaluate(() => {
        document.querySelector('pica-connect-button')?.setAttribute('status', 'saving');
      });
      assert.equal(await cursor(), 'progress');
      await page.context().close();
    });

    it('marks a button that has a connection', async () => {
      const css = snippet('demo/docs/theming.md', 'css', ':state(connected)');
      const page = await openPage(`<style>${css}</style>${button}`);
      const labelSuffix = () =>
        page
          .locator('pica-connect-button [part="label"]')
          .evaluate((label) => getComputedStyle(label, '::after').content);
      assert.equal(await labelSuffix(), 'none');
      await page.evaluate((key) => {
        const element = document.querySelector('pica-connect-button');
        if (element) element.value = key;
        return element?.updateComplete;
      }, connection.key);
      assert.equal(await labelSuffix(), '" ✓"');
      await page.context().close();
    });

    it('shows a quiet button', async () => {
      const page = await openPage(snippet('demo/docs/theming.md', 'html', 'appearance="quiet"'));
      assert.equal((await buttonStyle(page)).backgroundColor, 'rgb(255, 255, 255)');
      await page.context().close();
    });
  });
});

/** Dispatches pica-success on the button, and returns the outcomes of the promises that the event waited for. */
function dispatchSuccess(page: Page): Promise<string[]> {
  return page.evaluate(async (connection) => {
    const { PicaSuccessEvent } = (globalThis as unknown as ScriptGlobals).PicaConnect;
    const event = new PicaSuccessEvent({ connection: connection as never });
    document.querySelector('pica-connect-button')?.dispatchEvent(event);
    return (await event.settled).map(({ status }) => status);
  }, connection);
}

function buttonStyle(page: Page) {
  return page.locator('pica-connect-button [part="button"]').evaluate((inner) => {
    const style = getComputedStyle(inner);
    const { backgroundColor, color, borderRadius, textTransform } = style;
    return { backgroundColor, color, borderRadius, textTransform };
  });
}
