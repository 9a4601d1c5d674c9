import { expect } from '@open-wc/testing';
import { hover, nextEvent, part, stage, until } from '../fixtures/elements.js';
import { endpoints } from '../fixtures/servers/origins.js';
import {
  control,
  nextRequest,
  puppetUrl,
  requests,
  uniqueName,
} from '../fixtures/servers/puppet-client.js';

/* Each test opens a page in a frame, with the one-file build from another origin. */

type HostWindow = Window & typeof globalThis & { ran?: string[]; warnings: string[] };

const files = [
  'pica-connect.min.js',
  'pica-connect.diagnosis.js',
  'pica-connect.languages.js',
  'pica-connect.preload.js',
  'locales/de.js',
];

const contents = new Map(
  await Promise.all(
    files.map(async (file) => {
      const response = await fetch(`/dist/${file}`);
      return [file, await response.text()] as const;
    }),
  ),
);

/** Serves the package. Adds code to the files in `changed`, which makes them differ from the release. */
const serve = async (changed: string[] = []): Promise<string> => {
  const scope = uniqueName();
  await control(scope, {
    behaviour: [...contents].map(([path, text]) => ({
      ...{ path, method: 'GET', status: 200, headers: { 'content-type': 'text/javascript' } },
      body: changed.includes(path) ? `${text}\n(globalThis.ran ??= []).push('${path}');` : text,
    })),
  });
  return scope;
};

const urlIn = (scope: string, file = 'pica-connect.min.js') => `${endpoints}/${scope}/${file}`;

interface Page {
  window: HostWindow;
  button: HTMLElementTagNameMap['pica-connect-button'];
  label: () => string;
}

interface PageOptions {
  lang?: string;
  /** Markup before the script tag. */
  before?: string;
  script: string;
  attributes?: string;
  width?: number;
}

const openPage = async ({
  lang = 'en',
  before = '',
  script,
  attributes = '',
  width = 800,
}: PageOptions): Promise<Page> => {
  const frame = document.createElement('iframe');
  frame.title = 'Host';
  frame.width = String(width);
  frame.height = '600';
  frame.srcdoc = `<!doctype html>
    <html lang="${lang}">
      <head><script>warnings = []; console.warn = (text) => warnings.push(text);</script></head>
      <body>
        ${before}
        ${script}
        <pica-connect-button ${attributes}></pica-connect-button>
      </body>
    </html>`;
  stage.append(frame);
  await nextEvent('load', frame);
  const window = frame.contentWindow as HostWindow;
  const button = window.document.querySelector('pica-connect-button');
  if (!button) throw new Error('The page has no button');
  await until(() => button.shadowRoot !== null);
  return { window, button, label: () => part(button, 'label').textContent.trim() };
};

const classic = (scope: string, attributes = '') =>
  `<script src="${urlIn(scope)}" crossorigin ${attributes}></script>`;

/** For each file, how a page makes the one-file build load it. */
const chunks: {
  file: string;
  options?: Omit<PageOptions, 'script'>;
  use: (page: Page) => Promise<unknown> | undefined;
  /** Whether the page has loaded the file. */
  has: (page: Page) => Promise<boolean>;
}[] = [
  {
    file: 'pica-connect.diagnosis.js',
    use: () => undefined,
    has: async ({ button }) => (await button.check()).some(({ code }) => code !== 'check'),
  },
  ...['pica-connect.languages.js', 'locales/de.js'].map((file) => ({
    file,
    options: { lang: 'de' },
    use: () => undefined,
    has: async ({ window, label }: Page) => {
      await until(() => label() === 'Verbinden' || window.warnings.length > 0);
      return label() === 'Verbinden';
    },
  })),
];

describe('the files next to the one-file build', () => {
  for (const { file, options, use, has } of chunks) {
    describe(file, () => {
      it('runs unchanged from another origin', async () => {
        const page = await openPage({ ...options, script: classic(await serve()) });
        await use(page);
        expect(await has(page)).to.equal(true);
      });

      it('does not run if it was changed', async () => {
        const scope = await serve([file]);
        const page = await openPage({ ...options, script: classic(scope) });
        await use(page);
        expect(await has(page)).to.equal(false);
        await nextRequest(scope, { path: file });
        expect(page.window.ran).to.equal(undefined);
      });
    });
  }

  it('do not run if they were changed when AuthKit is preloaded', async () => {
    const scope = await serve(['pica-connect.preload.js']);
    const { window, button } = await openPage({
      script: classic(scope),
      attributes: `preload="page" token-url="${endpoints}/${scope}/token" base-url="${puppetUrl(scope)}"`,
    });
    hover(button);
    await nextRequest(scope, { path: 'pica-connect.preload.js' });
    // The click opens AuthKit without waiting for the file.
    part(button, 'button').click();
    await until(() => button.status === 'open');
    expect(window.ran).to.equal(undefined);
  });

  it('are loaded from the script’s folder, even if an image is named currentScript', async () => {
    const foreignScope = await serve(['locales/de.js', 'pica-connect.languages.js']);
    const { window, label } = await openPage({
      lang: 'de',
      before: `<img name="currentScript" src="${urlIn(foreignScope, 'x/a.png')}" alt="" />
        <img name="head" alt="" /><img name="scripts" alt="" /><img name="baseURI" alt="" />`,
      script: classic(await serve()),
    });
    await until(() => label() === 'Verbinden' || window.warnings.length > 0);
    expect(label()).to.equal('Verbinden');
    const received = await requests(foreignScope);
    expect(received.map(({ path }) => path).filter((path) => !path.endsWith('.png'))).to.deep.equal(
      [],
    );
    expect(window.ran).to.equal(undefined);
  });

  it('are loaded from a module’s folder, even if Object.prototype is polluted', async () => {
    const foreignScope = await serve(['locales/de.js', 'pica-connect.languages.js']);
    const scope = await serve();
    const { window, label } = await openPage({
      lang: 'de',
      before: `<script>
        Object.prototype.src = '${urlIn(foreignScope)}';
        Object.prototype.nonce = Object.prototype.integrity = 'none';
      </script>`,
      script: `<script type="module" src="${urlIn(scope)}"></script>`,
    });
    await until(() => label() === 'Verbinden' || window.warnings.length > 0);
    expect(label()).to.equal('Verbinden');
    expect(await requests(foreignScope)).to.deep.equal([]);
  });

  it('are loaded from the folder in data-files', async () => {
    const scope = await serve();
    const { label, window } = await openPage({
      lang: 'de',
      script: `<script src="/dist/pica-connect.min.js" data-files="${endpoints}/${scope}"></script>`,
    });
    await until(() => label() === 'Verbinden' || window.warnings.length > 0);
    expect(label()).to.equal('Verbinden');
    await nextRequest(scope, { path: 'locales/de.js' });
  });

  it('are loaded from the folder in configure(), rather than from data-files', async () => {
    const [scope, unusedScope] = [await serve(), await serve()];
    const { label, window } = await openPage({
      lang: 'de',
      script: `<script src="/dist/pica-connect.min.js" data-files="${endpoints}/${unusedScope}"></script>
        <script>PicaConnect.configure({ files: '${endpoints}/${scope}' });</script>`,
    });
    await until(() => label() === 'Verbinden' || window.warnings.length > 0);
    expect(label()).to.equal('Verbinden');
    await nextRequest(scope, { path: 'locales/de.js' });
    expect(await requests(unusedScope)).to.deep.equal([]);
  });

  it('are not loaded if two module tags have different URLs', async () => {
    const [first, second] = [await serve(), await serve()];
    const { window, label } = await openPage({
      lang: 'de',
      script: [first, second]
        .map((scope) => `<script type="module" src="${urlIn(scope)}"></script>`)
        .join(''),
    });
    await until(() => window.warnings.length > 0);
    expect(label()).to.equal('Connect');
    const received = [...(await requests(first)), ...(await requests(second))];
    expect(new Set(received.map(({ path }) => path))).to.deep.equal(
      new Set(['pica-connect.min.js']),
    );
  });
});
