import { expect } from '@open-wc/testing';
import * as npmEntry from '../../src/index.js';
import { press } from '../fixtures/embedded-page.js';
import {
  exit,
  hover,
  nextEvent,
  part,
  record,
  stage,
  succeed,
  until,
} from '../fixtures/elements.js';
import { authkit, endpoints, engine } from '../fixtures/servers/origins.js';
import {
  control,
  nextRequest,
  puppetUrl,
  requests,
  uniqueName,
} from '../fixtures/servers/puppet-client.js';

/* Each test opens a page in a frame, with the ES module and its chunks from another origin. */

type HostWindow = Window & typeof globalThis & { warnings: string[]; violations: string[] };

const main = 'pica-connect.js';

const textOf = async (file: string): Promise<string> => (await fetch(`/dist/${file}`)).text();

const chunkNames = [...new Set((await textOf(main)).match(/chunks\/[\w-]+\.js/g))];

const chunk = (name: string): string => {
  const found = chunkNames.find((path) => path.startsWith(`chunks/${name}-`));
  if (!found) throw new Error(`There is no chunk ${name} in ${chunkNames.join()}`);
  return found;
};

const contents = new Map(
  await Promise.all(
    [main, ...chunkNames, 'locales/de.js'].map(async (file) => [file, await textOf(file)] as const),
  ),
);

/** Serves the package, with other responses for some files. */
const serve = async (
  changes: { path: string; status?: number }[] = [],
  scope = uniqueName(),
): Promise<string> => {
  const headers = { 'content-type': 'text/javascript', 'cache-control': 'max-age=600' };
  const files = [...contents].map(([path, body]) => ({ path, status: 200, body, headers }));
  await control(scope, {
    behaviour: [...changes, ...files].map((file) => ({ method: 'GET', ...file })),
  });
  return scope;
};

/** The files that a page has requested from there. */
const requested = async (scope: string): Promise<string[]> =>
  (await requests(scope)).map(({ path }) => path).filter((path) => path.endsWith('.js'));

interface PageOptions {
  scope: string;
  lang?: string;
  head?: string;
  /** Attributes of the script tag. */
  tag?: string;
  query?: string;
  /** Attributes of the button. */
  attributes?: string;
  body?: string;
  width?: number;
}

const openPage = async (options: PageOptions) => {
  const { scope, lang = 'en', head = '', tag = '', query = '', attributes = '' } = options;
  const { width = 800 } = options;
  const name = uniqueName();
  const {
    body = `<pica-connect-button base-url="${puppetUrl(name)}" ${attributes}></pica-connect-button>`,
  } = options;
  const frame = document.createElement('iframe');
  frame.title = 'Host';
  frame.width = String(width);
  frame.height = '600';
  frame.srcdoc = `<!doctype html>
    <html lang="${lang}">
      <head>
        ${head}
        <script nonce="n">
          warnings = [];
          violations = [];
          console.warn = (text) => warnings.push(text);
          document.addEventListener('securitypolicyviolation', (event) => {
            violations.push(event.effectiveDirective + ' ' + event.blockedURI);
          });
        </script>
        <script type="module" src="${endpoints}/${scope}/${main}${query}"
          data-token-url="${endpoints}/${name}/token" ${tag}></script>
      </head>
      <body>${body}</body>
    </html>`;
  stage.append(frame);
  await nextEvent('load', frame);
  const window = frame.contentWindow as HostWindow;
  await until(() => window.PicaConnect !== undefined);
  const { document: inner } = window;
  const button =
    inner.querySelector('pica-connect-button') ?? inner.createElement('pica-connect-button');
  if (button.isConnected) await button.updateComplete;
  return { frame, window, button, label: () => part(button, 'label').textContent.trim() };
};

type Page = Awaited<ReturnType<typeof openPage>>;

/** Clicks, and waits until AuthKit can be used. */
const open = async ({ window, button }: Page): Promise<HTMLIFrameElement> => {
  part(button, 'button').click();
  await until(() => button.status === 'open');
  const frame = window.document.querySelector<HTMLIFrameElement>('iframe#event-link');
  if (!frame) throw new Error('AuthKit has added no frame');
  return frame;
};

/** Waits until the page has been idle after its load, or, without `requestIdleCallback`, until two frames are drawn. */
const idle = async ({ window }: Page): Promise<void> => {
  const wait = (window as { requestIdleCallback?: (callback: () => void) => void })
    .requestIdleCallback;
  for (let count = 0; count < 3; count += 1) {
    await new Promise<void>((resolve) => {
      const done = () => {
        resolve();
      };
      if (wait) wait.call(window, done);
      else window.requestAnimationFrame(done);
    });
  }
};

const links = ({ window }: Page) => [...window.document.querySelectorAll('link')];

describe('the ES module for script tags', () => {
  it('exports what the npm entry exports, and sets PicaConnect', async () => {
    const module = (await import(`/dist/${main}`)) as object;
    expect(Object.keys(module).sort()).to.deep.equal(Object.keys(npmEntry).sort());
    const { window } = await openPage({ scope: await serve() });
    expect(Object.keys(window.PicaConnect ?? {}).sort()).to.deep.equal(
      Object.keys(npmEntry).sort(),
    );
  });

  it('connects an account with one more request, for the opening', async () => {
    const scope = await serve();
    const page = await openPage({ scope, tag: 'data-preload="none"' });
    await idle(page);
    expect(await requested(scope)).to.deep.equal([main]);
    const frame = await open(page);
    const succeeded = nextEvent('pica-success', page.button);
    succeed(frame, record());
    expect((await succeeded).detail.connection.platform).to.equal('gmail');
    const closed = nextEvent('pica-close', page.button);
    exit(frame);
    expect((await closed).detail.reason).to.equal('user');
    expect(await requested(scope)).to.deep.equal([main, chunk('opener')]);
  });

  it('runs once, even if its address has a query', async () => {
    const scope = await serve();
    const page = await openPage({ scope, query: '?ver=1.2', tag: 'data-preload="none"' });
    await open(page);
    await page.button.check();
    expect(await requested(scope)).to.deep.equal([main, chunk('opener'), chunk('diagnosis')]);
  });

  it('reads page defaults from its own tag only', async () => {
    const scope = await serve();
    const { button } = await openPage({
      scope,
      tag: 'data-timeout="5" data-debug',
      head: `<script type="module" src="data:text/javascript," data-timeout="7"></script>
        <img name="scripts" alt="" /><img name="currentScript" alt="" data-timeout="8" />`,
    });
    expect([button.timeout, button.debug]).to.deep.equal([5, true]);
  });

  it('reads no page defaults if two tags with its address differ', async () => {
    const scope = await serve();
    const { button } = await openPage({
      scope,
      tag: 'data-timeout="5"',
      head: `<script type="module" src="${endpoints}/${scope}/${main}" data-timeout="7"></script>`,
    });
    expect(button.timeout).to.equal(15);
  });

  it('fetches the page’s language from its folder', async () => {
    const scope = await serve();
    const { label } = await openPage({ scope, lang: 'de' });
    await until(() => label() === 'Verbinden');
    await nextRequest(scope, { path: 'locales/de.js' });
  });

  it('stays in English if the language is missing', async () => {
    const scope = await serve([{ path: 'locales/de.js', status: 404 }]);
    const { label, window } = await openPage({ scope, lang: 'de' });
    await until(() => window.warnings.length > 0);
    expect(window.warnings[0]).to.contain('locales/de.js');
    expect(label()).to.equal('Connect');
  });

  it('reports files-unavailable if the opening is missing', async () => {
    const scope = await serve([{ path: chunk('opener'), status: 404 }]);
    const { button } = await openPage({ scope, tag: 'data-preload="none"' });
    const reported = nextEvent('pica-error', button);
    const closed = nextEvent('pica-close', button);
    part(button, 'button').click();
    expect((await reported).detail.error.code).to.equal('files-unavailable');
    expect((await closed).detail.reason).to.equal('error');
  });

  it('opens AuthKit in a small frame if the code for a window of its own is missing', async () => {
    const scope = await serve([{ path: chunk('window-surface'), status: 404 }]);
    const page = await openPage({ scope, width: 300 });
    const openWindow = page.window.open.bind(page.window);
    let opened: Window | null | undefined;
    page.window.open = (...args) => (opened = openWindow(...args));
    await press(page);
    await until(() => page.button.status === 'open');
    expect(page.window.document.querySelector('iframe#event-link')).not.to.equal(null);
    await until(() => opened?.closed === true);
    await nextRequest(scope, { path: chunk('window-surface') });
    page.button.close();
  });

  it('says with debug that the opening is missing, and forgets it once it is there', async () => {
    const scope = await serve([{ path: chunk('opener'), status: 404 }]);
    const page = await openPage({ scope, attributes: 'debug' });
    const shown = () => page.button.shadowRoot?.querySelector('.debug')?.textContent ?? '';
    await until(() => shown().includes('files-unavailable'));
    await serve([], scope);
    await open(page);
    await until(() => !shown().includes('files-unavailable'));
    page.button.close();
  });

  it('works under a strict policy with a nonce and Trusted Types', async () => {
    for (const sources of ["'nonce-n'", "'nonce-n' 'strict-dynamic'"]) {
      const policy = `default-src 'none'; script-src ${sources}; frame-src ${authkit}; connect-src ${endpoints} ${authkit}; require-trusted-types-for 'script'; trusted-types lit-html`;
      const scope = await serve();
      const page = await openPage({
        scope,
        lang: 'de',
        head: `<meta http-equiv="Content-Security-Policy" content="${policy}" />`,
        tag: 'nonce="n"',
      });
      await until(() => page.label() === 'Verbinden');
      await idle(page);
      hover(page.button);
      await nextRequest(scope, { path: chunk('opener') });
      await open(page);
      expect(page.window.violations).to.deep.equal([]);
      page.button.close();
    }
  });
});

describe('the prefetch of the ES module', () => {
  const isSupported = engine !== 'webkit';

  it('downloads the opening of an idle page, and nothing else', async () => {
    const scope = await serve();
    const page = await openPage({ scope });
    if (isSupported) await nextRequest(scope, { path: chunk('opener') });
    await idle(page);
    expect(await requested(scope)).to.deep.equal(isSupported ? [main, chunk('opener')] : [main]);
    expect(links(page).map(({ rel }) => rel)).to.deep.equal(isSupported ? ['prefetch'] : []);
    // The opening takes the prefetched file.
    await open(page);
    expect(await requested(scope)).to.deep.equal([main, chunk('opener')]);
  });

  for (const [condition, options] of [
    ['preload is none for the page', { tag: 'data-preload="none"' }],
    ['preload is none for the only element', { attributes: 'preload="none"' }],
    ['the page’s policy requires a nonce', { tag: 'nonce="n"' }],
    ['there is no element', { body: '' }],
    [
      'the user saves data',
      {
        head: `<script nonce="n">Object.defineProperty(navigator, 'connection', { value: { saveData: true } });</script>`,
      },
    ],
  ] as const) {
    it(`does not happen if ${condition}`, async () => {
      const scope = await serve();
      const page = await openPage({ scope, ...options });
      await idle(page);
      expect(links(page)).to.deep.equal([]);
      expect(await requested(scope)).to.deep.equal([main]);
    });
  }
});
