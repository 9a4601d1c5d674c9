import { expect } from '@open-wc/testing';
import {
  authkitFrame,
  hover,
  intentDelayPassed,
  mountButton,
  openAuthKit,
  requireFrame,
  until,
} from '../fixtures/elements.js';
import { engine, otherOrigin } from '../fixtures/servers/origins.js';
import {
  nextRequest,
  puppetRequests,
  puppetUrl,
  requests,
  uniqueName,
} from '../fixtures/servers/puppet-client.js';
import type { PuppetRequest } from '../fixtures/servers/protocol.js';
import { mountPreloading, click, tokenRequests, intentSettled } from '../fixtures/preloading.js';

describe('preload="connect"', () => {
  it('lets AuthKit reuse the preconnected connection', async function () {
    // WebKitGTK 2.50 opens the connection, but uses another one for the next frame.
    if (engine === 'webkit') this.skip();
    const name = uniqueName();
    const button = await mountButton({ baseUrl: puppetUrl(name, otherOrigin) }, name);
    expect(button.preload).to.equal('connect');
    // Connections of earlier tests don't count.
    const { length: earlier } = await puppetRequests('favicon.ico');
    hover(button);
    let preconnect: PuppetRequest | undefined;
    while (!preconnect) preconnect = (await puppetRequests('favicon.ico'))[earlier];
    // The preconnect frame is removed after its response.
    await until(() => document.head.querySelector('iframe') === null);
    await openAuthKit(button);
    const [page] = await puppetRequests(name);
    expect(page?.port).to.equal(preconnect.port);
  });

  it('keeps at most one preconnect frame, because a server may never respond', async () => {
    const first = await mountButton({ baseUrl: 'https://one.invalid', tokenCheck: 'off' });
    const second = await mountButton({ baseUrl: 'https://other.invalid', tokenCheck: 'off' });
    hover(first);
    hover(second);
    await until(() => document.head.querySelector('iframe')?.src.includes('other') === true);
    const sources = [...document.head.querySelectorAll('iframe')].map(({ src }) => src);
    expect(sources).to.deep.equal(['https://other.invalid/favicon.ico']);
    document.head.querySelector('iframe')?.remove();
  });

  it('does not preconnect if the click follows at once', async () => {
    const { button, name } = await mountPreloading({ baseUrl: 'https://at-once.invalid' });
    hover(button);
    click(button);
    await intentDelayPassed();
    expect(document.head.querySelector('iframe[src*="at-once"]')).to.equal(null);
    expect(await tokenRequests(name)).to.equal(1);
    button.close();
  });

  it('does not load AuthKit’s page', async () => {
    const { button, name } = await mountPreloading({ preload: 'connect' });
    hover(button);
    await intentSettled(name);
    expect(await puppetRequests(name)).to.deep.equal([]);
    expect(authkitFrame()).to.equal(null);
  });
});

describe('the preconnect to AuthKit’s server', () => {
  /** Collects the preconnect frames for an origin that are added from now on. */
  const watchHead = (origin: string) => {
    const added: Node[] = [];
    const observer = new MutationObserver((records) => {
      for (const { addedNodes } of records) {
        const isOurs = (node: Node) =>
          node instanceof HTMLIFrameElement && node.src.startsWith(origin);
        added.push(...[...addedNodes].filter(isOurs));
      }
    });
    observer.observe(document.head, { childList: true });
    stops.push(() => {
      observer.disconnect();
      document.head.querySelector('iframe')?.remove();
    });
    return added as HTMLIFrameElement[];
  };
  const stops: (() => void)[] = [];
  afterEach(() => {
    for (const stop of stops.splice(0)) stop();
  });

  it('lasts a minute', async () => {
    const origin = 'https://minute.invalid';
    const added = watchHead(origin);
    const began = Date.now();
    const { now } = Date;
    stops.push(() => (Date.now = now));
    const button = await mountButton({ baseUrl: origin, tokenCheck: 'off' });
    for (const [passed, count] of [
      [0, 1],
      [59_999, 1],
      [60_000, 2],
    ] as const) {
      Date.now = () => began + passed;
      hover(button);
      await intentDelayPassed();
      expect(added).to.have.length(count);
    }
  });

  it('uses a frame in which nothing may run', async () => {
    const added = watchHead('https://nothing-runs.invalid');
    hover(await mountButton({ baseUrl: 'https://nothing-runs.invalid', tokenCheck: 'off' }));
    await until(() => added.length > 0);
    expect(added[0]?.getAttribute('sandbox')).to.equal('');
  });

  it('is skipped if AuthKit is on the page’s own server', async () => {
    const added = watchHead(location.origin);
    hover(await mountButton({ baseUrl: `${location.origin}/authkit`, tokenCheck: 'off' }));
    await intentDelayPassed();
    expect(added).to.have.length(0);
  });

  it('runs while AuthKit waits for the headers', async () => {
    const added = watchHead('https://headers.invalid');
    const button = await mountButton({
      baseUrl: 'https://headers.invalid',
      tokenHeaders: () => new Promise(() => undefined),
    });
    void button.open();
    await until(() => added.length > 0);
    expect(authkitFrame() === null).to.equal(true);
  });

  it('is skipped if the headers resolve at once', async () => {
    const added = watchHead('https://soon.invalid');
    const button = await mountButton({
      baseUrl: 'https://soon.invalid',
      tokenHeaders: () => Promise.resolve({}),
      tokenCheck: 'off',
    });
    void button.open();
    await intentDelayPassed();
    expect(added).to.have.length(0);
    expect(requireFrame().src).to.contain('soon.invalid');
  });
});

describe('preload="none"', () => {
  it('sends no request before the click', async () => {
    // Earlier tests may still have a preconnect frame.
    await until(() => document.head.querySelector('iframe') === null);
    const before = await puppetRequests('favicon.ico');
    const { button, name } = await mountPreloading({ preload: 'none' });
    hover(button);
    await intentSettled(name, false);
    expect(document.head.querySelector('iframe')).to.equal(null);
    expect(await puppetRequests('favicon.ico')).to.deep.equal(before);
    expect(await requests(name)).to.deep.equal([]);
    click(button);
    await nextRequest(name, { method: 'POST', path: 'token' });
  });
});
