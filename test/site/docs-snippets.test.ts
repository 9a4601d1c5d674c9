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
 * What the README and the docs show holds. The pages for frameworks, backends, site builders and for getting
 * started have tests of their own; here are the others, and the names in all of them.
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

/** The examples of a page in a language, in their order. */
const snippetsIn = (page: string, language: string): string[] => {
  const fence = new RegExp(`^ *\`\`\`${language}\\n(.*?)^ *\`\`\``, 'gms');
  return [...(texts.get(page) ?? '').matchAll(fence)].map(([, code = '']) => code);
};
const all = (language: string) =>
  pages.flatMap((page) => snippetsIn(page, language).map((code) => ({ page, code })));

/** The one example of a page that has this in it. */
const snippet = (page: string, language: string, having = ''): string => {
  const [code, ...more] = snippetsIn(page, language).filter((one) => one.includes(having));
  assert.ok(code !== undefined && more.length === 0, `${page} has one ${language} with ${having}`);
  return code;
};

/** What the one-file build puts into a page. */
interface Script {
  PicaConnect: typeof Classes;
}

interface Named {
  name: string;
}
interface Declared {
  tagName?: string;
  attributes?: Named[];
  cssParts?: Named[];
  cssProperties?: Named[];
  slots?: Named[];
}
const elements = (manifest.modules as { declarations?: Declared[] }[])
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

describe('what the README and the docs show', () => {
  let browser: Browser;

  before(async () => {
    browser = await launch();
  });
  after(() => browser.close());

  /** A page with this in it, and the one-file build, also in the body where that has it. */
  async function openDemo(body: string, { lang = 'en', script = '' } = {}): Promise<Page> {
    // Colors are there at once.
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

  it('has elements, attributes and slots that there are', async () => {
    const page = await browser.newPage();
    const shown = await page.evaluate(
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
      all('html').map(({ code }) => code),
    );
    const tags = { button: 'pica-connect-button', list: 'pica-connections-list' };
    const ours = shown.flatMap(({ tag, attributes, placeholder }) => {
      if (tag.startsWith('pica-')) return [{ tag, attributes }];
      if (placeholder !== 'button' && placeholder !== 'list') return [];
      const data = attributes
        .filter((name) => name.startsWith('data-') && name !== 'data-pica-connect')
        .map((name) => name.slice('data-'.length));
      return [{ tag: tags[placeholder], attributes: data }];
    });
    assert.ok(ours.length > 10);
    const everywhere = ['id', 'class', 'style', 'lang', 'dir', 'hidden', 'slot', 'part'];
    for (const { tag, attributes } of ours) {
      const known = [...namesOf('attributes', tag), ...everywhere];
      assert.deepEqual(
        attributes.filter((name) => !known.includes(name)),
        [],
        tag,
      );
    }
    const slots = shown.map(({ slot }) => slot).filter(Boolean);
    assert.deepEqual(
      slots.filter((slot) => !namesOf('slots').includes(slot)),
      [],
    );
    await page.close();
  });

  it('has custom properties and parts that there are', () => {
    for (const { page, code } of [...all('css'), ...all('html')]) {
      for (const [name] of code.matchAll(/--pica-[\w-]+/g)) {
        assert.ok(namesOf('cssProperties').includes(name), `${name} in ${page}`);
      }
      for (const [, name = ''] of code.matchAll(/::part\((\w+)\)/g)) {
        assert.ok(namesOf('cssParts').includes(name), `::part(${name}) in ${page}`);
      }
    }
  });

  describe('README.md', () => {
    const listener = snippet('README.md', 'js', 'pica-success');

    async function save(status: number): Promise<{ asked: Request; saves: string[] }> {
      const page = await openDemo(
        `<pica-connect-button></pica-connect-button><script>${listener}</script>`,
      );
      await page.route(`${host}/api/connections`, (route) => route.fulfill({ status }));
      const [asked, saves] = await Promise.all([
        page.waitForRequest(`${host}/api/connections`),
        succeed(page),
      ]);
      await page.context().close();
      return { asked, saves };
    }

    it('sends what was made to the host', async () => {
      const { asked, saves } = await save(201);
      const { key, ...others } = connection;
      assert.deepEqual(asked.postDataJSON(), { ...others, connection_key: key });
      assert.deepEqual(saves, ['fulfilled']);
    });

    it('tells when the host did not store it', async () => {
      assert.deepEqual((await save(500)).saves, ['rejected']);
    });

    it('has a token endpoint that AuthKit can ask', async () => {
      const port = await getPort();
      const code = snippet('README.md', 'js', 'createToken').replace('3000', String(port));
      await mkdir(join(root, '.test-results'), { recursive: true });
      const folder = await mkdtemp(join(root, '.test-results', 'readme-'));
      await writeFile(join(folder, 'pica.mjs'), await read('demo/examples/backends/pica.mjs'));
      // What the README leaves to the host.
      await writeFile(
        join(folder, 'server.mjs'),
        `${code}\nfunction userOf(credential) { return credential && 'user-1'; }\nprocess.send('up');`,
      );
      const server = spawn(process.execPath, [join(folder, 'server.mjs')], {
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
        env: { ...process.env, PICA_SECRET_KEY: 'sk_test_1' },
      });
      try {
        await once(server, 'message');
        const url = `http://localhost:${String(port)}/api/authkit/token`;
        const origin = 'https://authkit.picaos.com';
        const asks = { origin, 'access-control-request-method': 'POST' };
        const preflight = await fetch(url, { method: 'OPTIONS', headers: asks });
        assert.equal(preflight.headers.get('access-control-allow-origin'), origin);
        const nobody = await fetch(url, { method: 'POST', headers: { origin } });
        assert.equal(nobody.status, 401);
        const headers = { origin, authorization: 'Bearer of-user-1' };
        const answer = await fetch(url, { method: 'POST', headers });
        // Pica cannot be reached from where this is tested, and that is told.
        assert.equal(answer.status, 502);
        assert.equal(answer.headers.get('access-control-allow-origin'), origin);
      } finally {
        server.kill();
        await rm(folder, { recursive: true, force: true });
      }
    });

    it('sets what all elements of the page share', async () => {
      const code = snippet('README.md', 'js', 'configure({');
      const page = await openDemo('<pica-connect-button></pica-connect-button>', {
        script: await bundle(
          `${code}\nfunction shortLivedToken() { return Promise.resolve('short-lived'); }`,
        ),
      });
      const found = await page.evaluate(async () => {
        const { tokenUrl, connectionsUrl, tokenHeaders } =
          document.querySelector('pica-connect-button') ?? {};
        const headers = typeof tokenHeaders === 'function' ? await tokenHeaders() : tokenHeaders;
        return [tokenUrl, connectionsUrl, headers];
      });
      assert.deepEqual(found, [
        '/api/authkit/token',
        '/api/connections',
        { authorization: 'Bearer short-lived' },
      ]);
      await page.context().close();
    });

    it('colors and shapes the button', async () => {
      const page = await openDemo(
        `<style>${snippet('README.md', 'css')}</style><pica-connect-button></pica-connect-button>`,
      );
      const { backgroundColor, borderRadius, textTransform } = await lookOf(page);
      assert.deepEqual(
        { backgroundColor, borderRadius, textTransform },
        { backgroundColor: 'rgb(10, 122, 90)', borderRadius: '999px', textTransform: 'uppercase' },
      );
      await page.context().close();
    });
  });

  it('fetches a credential for each purpose, as the page for backends says', async () => {
    const page = await openDemo('<pica-connections-list></pica-connections-list>');
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

  describe('saving.md', () => {
    it('hands the save over, and the element waits for it', async () => {
      const code = snippet('demo/docs/saving.md', 'js');
      const page = await openDemo(
        `<pica-connect-button></pica-connect-button><script>
          const save = (connection) => Promise.resolve((globalThis.saved = connection));
          ${code}</script>`,
      );
      assert.deepEqual(await succeed(page), ['fulfilled']);
      assert.deepEqual(await page.evaluate('saved'), connection);
      await page.context().close();
    });
  });

  describe('security.md', () => {
    it('gives the headers by a function, which is called when AuthKit is opened', async () => {
      const page = await openDemo(
        `<pica-connect-button token-url="/token" base-url="${host}/authkit"></pica-connect-button>`,
      );
      const asked = page.waitForRequest(`${host}/token`);
      await page.evaluate(
        `const button = document.querySelector('pica-connect-button');
        const shortLivedToken = async () => 'short-lived';
        ${snippet('demo/docs/security.md', 'js')}`,
      );
      await page.getByRole('button', { name: 'Connect' }).click();
      assert.equal((await asked).headers().authorization, 'Bearer short-lived');
      await page.context().close();
    });
  });

  describe('placeholders.md', () => {
    it('listens at the placeholder, and finds the element in it', async () => {
      const page = await openDemo(
        `<script src="/pica-connect.min.js" data-placeholders="" defer></script>
        <div id="gmail" data-pica-connect="button"></div>`,
      );
      const logged = page.waitForEvent('console');
      await page.evaluate(snippet('demo/docs/placeholders.md', 'js', 'addEventListener'));
      await succeed(page);
      assert.deepEqual(await (await logged).args()[0]?.jsonValue(), connection);
      const headers = await page.evaluate(() => {
        const headersOf = document.querySelector('pica-connect-button')?.tokenHeaders;
        return typeof headersOf === 'function' ? headersOf() : headersOf;
      });
      assert.deepEqual(headers, { authorization: 'Bearer …' });
      await page.context().close();
    });

    it('sets what all elements of the page share', async () => {
      const page = await openDemo('<pica-connect-button></pica-connect-button>');
      const code = snippet('demo/docs/placeholders.md', 'js', 'configure');
      await page.evaluate(`const shortLivedToken = () => Promise.resolve('short-lived');\n${code}`);
      const headers = await page.evaluate(() => {
        const headersOf = document.querySelector('pica-connect-button')?.tokenHeaders;
        return typeof headersOf === 'function' ? headersOf() : headersOf;
      });
      assert.deepEqual(headers, { authorization: 'Bearer short-lived' });
      await page.context().close();
    });
  });

  describe('languages.md', () => {
    it('speaks the language of the page', async () => {
      const html = snippet('demo/docs/languages.md', 'html');
      const [, lang = '', body = ''] = /lang="(\w+)">(.*)<\/html>/s.exec(html) ?? [];
      const page = await openDemo(body, { lang });
      await page.getByRole('button', { name: 'Gmail verbinden' }).waitFor();
      await page.context().close();
    });

    it('puts the texts of the host in place of ours', async () => {
      const page = await openDemo(
        `<pica-connect-button></pica-connect-button>
        <pica-connect-button selected-connection="Gmail"></pica-connect-button>`,
        { script: await bundle(snippet('demo/docs/languages.md', 'ts')) },
      );
      await page.getByRole('button', { name: 'Link an account' }).waitFor();
      await page.getByRole('button', { name: 'Link Gmail' }).waitFor();
      await page.context().close();
    });
  });

  describe('theming.md', () => {
    /** What one of its examples does to a button, on a light and on a dark page. */
    async function looksBy(having: string, markup: string) {
      const css = snippet('demo/docs/theming.md', 'css', having);
      const page = await openDemo(`<style>${css}</style>${markup}`);
      const looks = [];
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        looks.push(await lookOf(page));
      }
      await page.context().close();
      return looks;
    }
    const button = '<pica-connect-button></pica-connect-button>';

    it('sets custom properties above the elements', async () => {
      for (const look of await looksBy('999px', button)) {
        assert.equal(look.backgroundColor, 'rgb(15, 118, 110)');
        assert.equal(look.color, 'rgb(255, 255, 255)');
        assert.equal(look.borderRadius, '999px');
      }
    });

    it('lets the page follow the system, and a part of it stay dark', async () => {
      const dark = 'rgb(145, 167, 255)';
      const follows = await looksBy('.night', button);
      assert.deepEqual(
        follows.map(({ backgroundColor }) => backgroundColor),
        ['rgb(59, 91, 219)', dark],
      );
      const stays = await looksBy('.night', `<div class="night">${button}</div>`);
      assert.deepEqual(
        stays.map(({ backgroundColor }) => backgroundColor),
        [dark, dark],
      );
    });

    it('has colors for both schemes', async () => {
      const looks = await looksBy(
        'light-dark(#0f766e',
        `<style>:root { color-scheme: light dark }</style>${button}`,
      );
      assert.deepEqual(
        looks.map(({ backgroundColor, color }) => [backgroundColor, color]),
        [
          ['rgb(15, 118, 110)', 'rgb(255, 255, 255)'],
          ['rgb(94, 234, 212)', 'rgb(6, 48, 43)'],
        ],
      );
    });

    it('reaches parts', async () => {
      const css = snippet('demo/docs/theming.md', 'css', '::part(item)');
      const page = await openDemo(
        `<style>:root { --pica-accent: rgb(1, 2, 3) } ${css}</style>${button}<pica-connections-list></pica-connections-list>`,
      );
      assert.equal((await lookOf(page)).textTransform, 'uppercase');
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

    it('goes by the status', async () => {
      const css = snippet('demo/docs/theming.md', 'css', "[status='saving']");
      const page = await openDemo(`<style>${css}</style>${button}`);
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
      const page = await openDemo(`<style>${css}</style>${button}`);
      const mark = () =>
        page
          .locator('pica-connect-button [part="label"]')
          .evaluate((label) => getComputedStyle(label, '::after').content);
      assert.equal(await mark(), 'none');
      await page.evaluate((key) => {
        const element = document.querySelector('pica-connect-button');
        if (element) element.value = key;
        return element?.updateComplete;
      }, connection.key);
      assert.equal(await mark(), '" ✓"');
      await page.context().close();
    });

    it('has a quiet button', async () => {
      const quiet = snippet('demo/docs/theming.md', 'html', 'appearance="quiet"');
      const page = await openDemo(quiet);
      assert.equal((await lookOf(page)).backgroundColor, 'rgb(255, 255, 255)');
      await page.context().close();
    });
  });
});

/** Lets the button on a page make a connection. @returns what became of what it waited for. */
function succeed(page: Page): Promise<string[]> {
  return page.evaluate(async (made) => {
    const { PicaSuccessEvent } = (globalThis as unknown as Script).PicaConnect;
    const event = new PicaSuccessEvent({ connection: made as never });
    document.querySelector('pica-connect-button')?.dispatchEvent(event);
    return (await event.settled).map(({ status }) => status);
  }, connection);
}

function lookOf(page: Page) {
  return page.locator('pica-connect-button [part="button"]').evaluate((inner) => {
    const style = getComputedStyle(inner);
    const { backgroundColor, color, borderRadius, textTransform } = style;
    return { backgroundColor, color, borderRadius, textTransform };
  });
}
