import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { bundle } from './bundle.js';
import { launch } from './chromium.js';

const read = (path: string) => readFile(new URL(`../../${path}`, import.meta.url), 'utf8');

const origin = 'http://host.example';
const src = '/pica-connect.min.js';
const otherVersion = '/another-version.min.js';
const npmBuild = '/npm.js';

const tags = `
  <pica-connect-button selected-connection="Gmail"></pica-connect-button>
  <pica-connections-list></pica-connections-list>`;

interface VisitedPage {
  page: Page;
  errors: string[];
}

describe('the one-file build', () => {
  let browser: Browser;
  let scripts: Record<string, string>;

  before(async () => {
    const script = await read('dist/pica-connect.min.js');
    const { version } = JSON.parse(await read('package.json')) as { version: string };
    scripts = {
      [src]: script,
      [otherVersion]: script.replaceAll(version, '99.0.0'),
      [npmBuild]: await bundle(`import 'pica-connect';`),
    };
    browser = await launch();
  });
  after(() => browser.close());

  async function visit(html: string): Promise<VisitedPage> {
    const page = await (await browser.newContext()).newPage();
    const errors: string[] = [];
    page.on('pageerror', ({ message }) => errors.push(message));
    await page.route(`${origin}/**`, (route) => {
      const script = scripts[new URL(route.request().url()).pathname];
      return script === undefined
        ? route.fulfill({ contentType: 'text/html', body: `<!doctype html>${html}` })
        : route.fulfill({ contentType: 'text/javascript', body: script });
    });
    await page.goto(origin, { waitUntil: 'load' });
    return { page, errors };
  }

  /** Asserts that both elements work, and that the page has no uncaught error. */
  async function assertWorks({ page, errors }: VisitedPage): Promise<void> {
    await page.getByRole('button', { name: 'Connect Gmail' }).waitFor();
    await page.getByRole('heading', { name: 'Connections' }).waitFor();
    const errorCode = page.evaluate(
      () =>
        new Promise((resolve) => {
          document.addEventListener('pica-error', ({ detail }) => {
            resolve(detail.error.code);
          });
        }),
    );
    await page.getByRole('button', { name: 'Connect Gmail' }).click();
    assert.equal(await errorCode, 'token-url-missing');
    assert.deepEqual(errors, []);
    await page.context().close();
  }

  const isOwnClass = (page: Page): Promise<boolean> =>
    page.evaluate(
      () =>
        document.querySelector('pica-connect-button') instanceof
        (window.PicaConnect?.PicaConnectButton ?? Error),
    );

  for (const [variant, head, foot = ''] of [
    ['a classic script in the head', `<script src="${src}"></script>`],
    ['a deferred script', `<script src="${src}" defer></script>`],
    ['an async script', `<script src="${src}" async></script>`],
    ['a module script', `<script src="${src}" type="module"></script>`],
    ['an async module script', `<script src="${src}" type="module" async></script>`],
    ['a script at the end', '', `<script src="${src}"></script>`],
    [
      'a script that is inserted later',
      '',
      `<script>addEventListener('load', () => {
        document.head.append(Object.assign(document.createElement('script'), { src: '${src}' }));
      });</script>`,
    ],
    [
      'two scripts',
      `<script src="${src}" async></script>`,
      `<script src="${src}" type="module"></script>`,
    ],
    [
      'two versions',
      `<script src="${src}" defer></script>`,
      `<script src="${otherVersion}"></script>`,
    ],
    [
      'a script before the npm build',
      `<script src="${src}"></script><script src="${npmBuild}" type="module"></script>`,
    ],
  ] as const) {
    it(`works with ${variant}`, async () => {
      const visited = await visit(`<head>${head}</head><body>${tags}${foot}</body>`);
      await visited.page.getByRole('button', { name: 'Connect Gmail' }).waitFor();
      assert.ok(await isOwnClass(visited.page), 'window.PicaConnect has the class of the element');
      await assertWorks(visited);
    });
  }

  it('works after the npm build, which has registered the elements', async () => {
    const visited = await visit(
      `<head><script src="${npmBuild}" type="module"></script></head>
      <body>${tags}<script type="module" src="${src}"></script></body>`,
    );
    await assertWorks(visited);
  });

  it('keeps properties that were set on the elements before it loaded', async () => {
    const { page, errors } = await visit(`<body>${tags}<script>
      const [button, list] = document.querySelectorAll('pica-connect-button, pica-connections-list');
      button.selectedConnection = 'Slack';
      button.disabled = true;
      list.connections = [{ key: 'live::gmail::1', platform: 'gmail', name: 'ada@example.org' }];
    </script><script src="${src}"></script></body>`);
    const button = page.getByRole('button', { name: 'Connect Slack' });
    assert.ok(await button.isDisabled());
    await page.getByText('ada@example.org').waitFor();
    assert.deepEqual(errors, []);
    await page.context().close();
  });

  it('passes the integrity check with its printed hash, and a changed file does not', async () => {
    const printed = execFileSync('node', ['.config/release/integrity.mjs'], { encoding: 'utf8' });
    const integrity = /integrity="sha384-[\w+/=]+"/.exec(printed)?.[0] ?? 'none';
    const page = (path: string) =>
      `<head><script src="${path}" ${integrity} crossorigin="anonymous"></script></head>${tags}`;
    const visited = await visit(page(src));
    await assertWorks(visited);
    const { page: blocked } = await visit(page(otherVersion));
    assert.equal(await blocked.evaluate(() => 'PicaConnect' in window), false);
    await blocked.context().close();
  });

  // A page at a file: URL can't verify the hashes of the other files.
  it('loads the other files of its folder on a page at a file: URL', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'pica-connect-page-'));
    try {
      await cp(new URL('../../dist/', import.meta.url), folder, { recursive: true });
      const html = `<!doctype html><html lang="de"><script src="pica-connect.min.js"></script>${tags}`;
      await writeFile(join(folder, 'page.html'), html);
      const page = await (await browser.newContext()).newPage();
      await page.goto(pathToFileURL(join(folder, 'page.html')).href);
      await page.getByRole('button', { name: 'Gmail verbinden' }).waitFor();
      const codes = await page.evaluate(async () => {
        const findings = await document.querySelector('pica-connect-button')?.check();
        return findings?.map(({ code }) => code);
      });
      assert.ok(codes?.includes('token-url-missing'), String(codes));
      await page.context().close();
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('causes no layout shift on a page with the CSS rule of the docs', async () => {
    const guide = await read('demo/docs/frameworks/html.md');
    const rule = /```css\n(.*?:not\(:defined\).*?)```/s.exec(guide)?.[1] ?? '';
    const { page } = await visit(`<head><style>${rule}</style></head><body>
      <pica-connect-button>Connect Gmail</pica-connect-button> <span id="neighbor">beside</span>
      <p id="below">below</p></body>`);
    const readPositions = () =>
      page.evaluate(() =>
        ['pica-connect-button', '#neighbor', '#below'].map((selector) => {
          const { x, y, width, height } =
            document.querySelector(selector)?.getBoundingClientRect() ?? new DOMRect();
          return [x, y, width, height];
        }),
      );
    const before = await readPositions();
    assert.equal(await page.getByText('Connect Gmail').isVisible(), false);
    await page.addScriptTag({ url: src });
    await page.getByRole('button', { name: 'Connect Gmail' }).waitFor();
    assert.deepEqual(await readPositions(), before);
    await page.context().close();
  });

  it('names its version and licence, and comes with the text of the licence', async () => {
    const { version } = JSON.parse(await read('package.json')) as { version: string };
    const [firstLine = ''] = (await read('dist/pica-connect.min.js')).split('\n');
    assert.ok(firstLine.startsWith(`/*! pica-connect ${version} | GPL-3.0`), firstLine);
    const licence = await read('dist/pica-connect.min.js.LICENSE.txt');
    assert.match(licence, /GNU GENERAL PUBLIC LICENSE\s+Version 3/);
  });

  it('has a source map', async () => {
    const map = JSON.parse(await read('dist/pica-connect.min.js.map')) as { sources: string[] };
    assert.ok(
      map.sources.some((source) => source.endsWith('src/connect-button/connect-button.ts')),
    );
  });
});
