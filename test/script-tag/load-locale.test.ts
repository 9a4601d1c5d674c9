import { expect } from '@open-wc/testing';
import { stage, until } from '../fixtures/elements.js';
import { puppetControl, puppetUrl, uniqueName } from '../fixtures/servers/puppet-client.js';

/* Each test opens a page in a frame, with the one-file build and the languages next to it. */

type HostWindow = Window & typeof globalThis & { warnings: string[]; faults: string[] };

interface Host {
  window: HostWindow;
  label: () => string | undefined;
  /** The language files that the page has requested. */
  fetched: () => string[];
}

const dist = `${location.origin}/dist`;
const tags = '<pica-connect-button></pica-connect-button>';

const openHost = async (
  lang: string,
  { src = `${dist}/pica-connect.min.js`, type = 'text/javascript', markup = tags } = {},
): Promise<Host> => {
  const frame = document.createElement('iframe');
  frame.title = 'Host';
  frame.srcdoc = `<!doctype html>
    <html lang="${lang}">
      <head>
        <script>
          warnings = [];
          faults = [];
          console.warn = (text) => warnings.push(text);
          addEventListener('error', ({ message }) => faults.push(message));
          addEventListener('unhandledrejection', ({ reason }) => faults.push(String(reason)));
        </script>
        <script type="${type}" src="${src}" crossorigin></script>
      </head>
      <body>${markup}</body>
    </html>`;
  const loaded = new Promise((resolve) => {
    frame.addEventListener('load', resolve, { once: true });
  });
  stage.append(frame);
  await loaded;
  const window = frame.contentWindow as HostWindow | null;
  if (!window) throw new Error('The frame has no window');
  const label = () =>
    window.document
      .querySelector('pica-connect-button')
      ?.shadowRoot?.querySelector('[part="label"]')
      ?.textContent.trim();
  await until(() => Boolean(label()));
  const fetched = () =>
    window.performance
      .getEntriesByType('resource')
      .map(({ name }) => name)
      .filter((name) => name.includes('/locales/'))
      .map((name) => name.replace(/^.*\/locales\//, ''));
  return { window, label, fetched };
};

describe('the languages next to the one-file build', () => {
  for (const type of ['text/javascript', 'module']) {
    it(`are loaded once when the page needs them, by a script of type ${type}`, async () => {
      const { window, label, fetched } = await openHost('de', { type, markup: tags.repeat(3) });
      await until(() => label() === 'Verbinden');
      window.document.body.insertAdjacentHTML('beforeend', tags);
      window.document.documentElement.lang = 'de-AT';
      window.document.documentElement.lang = 'fr';
      await until(() => label() === 'Connecter');
      expect(fetched()).to.deep.equal(['de.js', 'fr.js']);
      expect([...window.warnings, ...window.faults]).to.deep.equal([]);
    });
  }

  it('are not loaded for an English page or an unavailable language', async () => {
    const { window, label, fetched } = await openHost('en-GB');
    window.document.documentElement.lang = 'fi';
    window.document.documentElement.lang = '';
    // If one had been requested, it would be first in the list.
    await new Promise((resolve) => window.requestAnimationFrame(resolve));
    window.document.documentElement.lang = 'sv';
    await until(() => label() === 'Anslut');
    expect(fetched()).to.deep.equal(['sv.js']);
  });

  it('leave the page English if they are missing, with one warning each', async () => {
    const name = uniqueName();
    const script = await fetch(`${dist}/pica-connect.min.js`).then((response) => response.text());
    await puppetControl(name, {
      headers: { 'content-type': 'text/javascript', 'access-control-allow-origin': '*' },
      body: script,
    });
    const { window, label } = await openHost('de', {
      src: puppetUrl(name),
      markup: tags.repeat(3),
    });
    await until(() => window.warnings.length > 0);
    window.document.body.insertAdjacentHTML('beforeend', tags);
    window.document.documentElement.lang = 'de-AT';
    // A second warning about German would come before this one.
    window.document.documentElement.lang = 'sv';
    await until(() => window.warnings.length > 1);
    expect(label()).to.equal('Connect');
    expect(window.warnings.map((text) => /locales\/\w+\.js/.exec(text)?.[0])).to.deep.equal([
      'locales/de.js',
      'locales/sv.js',
    ]);
    expect(window.faults).to.deep.equal([]);
  });

  it('are included in the build with all languages', async () => {
    const { window, label, fetched } = await openHost('de', {
      src: `${dist}/pica-connect.all.min.js`,
    });
    expect(label()).to.equal('Verbinden');
    window.document.documentElement.lang = 'zh-HK';
    await until(() => label() === '連結');
    expect(fetched()).to.deep.equal([]);
    expect([...window.warnings, ...window.faults]).to.deep.equal([]);
  });

  it('apply to every element, and the page’s own strings stay', async () => {
    const { window, label } = await openHost('en');
    window.PicaConnect?.setStrings('de', { connect: 'Verknüpfen' });
    window.document.documentElement.lang = 'de';
    await until(() => label() === 'Verknüpfen');
  });
});
