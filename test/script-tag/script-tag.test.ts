import { expect } from '@open-wc/testing';
import { stage, until } from '../fixtures/elements.js';
import * as classes from '../../src/classes.js';
import { nextLoad } from '../fixtures/page-defaults.js';

describe("the one-file build's script tag", () => {
  const openPage = async (tag: string): Promise<Window & { PicaConnect: typeof classes }> => {
    const frame = document.createElement('iframe');
    frame.title = 'A page with a tag';
    frame.srcdoc = `<!doctype html><html><head>${tag}</head><body>
      <pica-connect-button></pica-connect-button>
      <img name="currentScript" alt="" src="data:," data-token-url="https://evil.example/token">
    </body></html>`;
    stage.append(frame);
    await nextLoad(frame);
    const window = frame.contentWindow as Window & { PicaConnect: typeof classes };
    await until(() => 'PicaConnect' in window);
    return window;
  };
  const buttonIn = ({ document }: Window) =>
    document.querySelector<classes.PicaConnectButton>('pica-connect-button') ??
    new classes.PicaConnectButton();

  const attributes = `src="/dist/pica-connect.min.js" data-token-url="/token" data-timeout="5" data-debug data-app-theme="dark"
    data-show-name-input="false" data-token-headers='{"authorization":"Bearer 1"}' data-selected-connection="Gmail"`;

  for (const [description, loading] of [
    ['a classic script', ''],
    ['a deferred script', 'defer'],
    ['an async script', 'async'],
    ['a module', 'type="module"'],
  ] as const) {
    it(`sets page defaults through data- attributes as ${description}`, async () => {
      const button = buttonIn(await openPage(`<script ${attributes} ${loading}></script>`));
      expect(button.tokenUrl).to.equal('/token');
      expect(button.tokenHeaders).to.deep.equal({ authorization: 'Bearer 1' });
      expect([button.timeout, button.debug, button.showNameInput]).to.deep.equal([5, true, false]);
      expect([button.appTheme, button.preload]).to.deep.equal(['dark', 'connect']);
      expect(button.selectedConnection).to.equal(null);
    });
  }

  it('gives way to configure() until that is reset', async () => {
    const window = await openPage(`<script ${attributes}></script>`);
    const { tokenUrl, timeout } = buttonIn(window);
    expect([tokenUrl, timeout]).to.deep.equal(['/token', 5]);
    window.PicaConnect.configure({ tokenUrl: '/configured' });
    expect(buttonIn(window).tokenUrl).to.equal('/configured');
    window.PicaConnect.configure({ tokenUrl: undefined });
    expect(buttonIn(window).tokenUrl).to.equal('/token');
  });

  it('is read only once, when the script runs', async () => {
    const window = await openPage(`<script ${attributes}></script>`);
    window.document.querySelector('script')?.setAttribute('data-token-url', '/later');
    expect(buttonIn(window).tokenUrl).to.equal('/token');
  });

  it('counts even if another tag has already loaded the elements', async () => {
    const firstTag = '<script src="/dist/pica-connect.min.js"></script>';
    const button = buttonIn(await openPage(`${firstTag}<script ${attributes}></script>`));
    expect(button.tokenUrl).to.equal('/token');
  });
});
