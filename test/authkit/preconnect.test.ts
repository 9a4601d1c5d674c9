import { expect } from '@open-wc/testing';
import {
  authkitFrame,
  hover,
  intentDelayPassed,
  mountButton,
  openAuthKit,
  theFrame,
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
import { mountPreloading, click, tokenRequests, settled } from '../fixtures/preloading.js';

describe('preload="connect"', () => {
  it('lets AuthKit reuse the preconnected connection', async function () {
    // WebKitGTK 2.50 makes the connection, and then another for the next frame.
    if (engine === 'webkit') this.skip();
    const name = uniqueName();
    const button = await mountButton({ baseUrl: puppetUrl(name, otherOrigin) }, name);
    expect(button.preload).to.equal('connect');
    // Other tests have had their connections.
    const { length: earlier } = await puppetRequests('favicon.ico');
    hover(button);
    let ahead: PuppetRequest | undefined;
    while (!ahead) ahead = (await puppetRequests('favicon.ico'))[earlier];
    // The frame that did it has had its answer, and is gone.
    await until(() => document.head.querySelector('iframe') === null);
    await openAuthKit(button);
    const [page] = await puppetRequests(name);
    expect(page?.port).to.equal(ahead.port);
  });

  it('keeps at most one preconnect frame, as a server may never answer', async () => {
    const one = await mountButton({ baseUrl: 'https://one.invalid', tokenCheck: 'off' });
    const other = await mountButton({ baseUrl: 'https://other.invalid', tokenCheck: 'off' });
    hover(one);
    hover(other);
    await until(() => document.head.querySelector('iframe')?.src.includes('other') === true);
    const sources = [...document.head.querySelectorAll('iframe')].map(({ src }) => src);
    expect(sources).to.deep.equal(['https://other.invalid/favicon.ico']);
    document.head.querySelector('iframe')?.remove();
  });

  it('does nothing before an immediate click', async () => {
    const { button, name } = await mountPreloading({ baseUrl: 'https://at-once.invalid' });
    hover(button);
    click(button);
    await intentDelayPassed();
    expect(document.head.querySelector('iframe[src*="at-once"]')).to.equal(null);
    expect(await tokenRequests(name)).to.equal(1);
    button.close();
  });

  it('loads nothing of AuthKit', async () => {
    const { button, name } = await mountPreloading({ preload: 'connect' });
    hover(button);
    await settled(name);
    expect(await puppetRequests(name)).to.deep.equal([]);
    expect(authkitFrame()).to.equal(null);
  });
});

describe("a connection to AuthKit's server", () => {
  /** Frames in the head that ask this origin, from now on. */
  const watchHead = (origin: string) => {
    const made: Node[] = [];
    const observer = new MutationObserver((records) => {
      for (const { addedNodes } of records) {
        const isOurs = (node: Node) =>
          node instanceof HTMLIFrameElement && node.src.startsWith(origin);
        made.push(...[...addedNodes].filter(isOurs));
      }
    });
    observer.observe(document.head, { childList: true });
    stops.push(() => {
      observer.disconnect();
      document.head.querySelector('iframe')?.remove();
    });
    return made as HTMLIFrameElement[];
  };
  const stops: (() => void)[] = [];
  afterEach(() => {
    for (const stop of stops.splice(0)) stop();
  });

  it('is reused for a minute', async () => {
    const origin = 'https://minute.invalid';
    const made = watchHead(origin);
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
      expect(made).to.have.length(count);
    }
  });

  it('is made by a frame in which nothing may run', async () => {
    const made = watchHead('https://nothing-runs.invalid');
    hover(await mountButton({ baseUrl: 'https://nothing-runs.invalid', tokenCheck: 'off' }));
    await until(() => made.length > 0);
    expect(made[0]?.getAttribute('sandbox')).to.equal('');
  });

  it("is not made when that is the page's own server", async () => {
    const made = watchHead(location.origin);
    hover(await mountButton({ baseUrl: `${location.origin}/authkit`, tokenCheck: 'off' }));
    await intentDelayPassed();
    expect(made).to.have.length(0);
  });

  it('is made while AuthKit has to wait for the headers', async () => {
    const made = watchHead('https://headers.invalid');
    const button = await mountButton({
      baseUrl: 'https://headers.invalid',
      tokenHeaders: () => new Promise(() => undefined),
    });
    void button.open();
    await until(() => made.length > 0);
    expect(authkitFrame() === null).to.equal(true);
  });

  it('is not made when the headers are there at once', async () => {
    const made = watchHead('https://soon.invalid');
    const button = await mountButton({
      baseUrl: 'https://soon.invalid',
      tokenHeaders: () => Promise.resolve({}),
      tokenCheck: 'off',
    });
    void button.open();
    await intentDelayPassed();
    expect(made).to.have.length(0);
    expect(theFrame().src).to.contain('soon.invalid');
  });
});

describe('preload="none"', () => {
  it('asks for nothing until the click', async () => {
    // What tests before this one have connected to.
    await until(() => document.head.querySelector('iframe') === null);
    const before = await puppetRequests('favicon.ico');
    const { button, name } = await mountPreloading({ preload: 'none' });
    hover(button);
    await settled(name, false);
    expect(document.head.querySelector('iframe')).to.equal(null);
    expect(await puppetRequests('favicon.ico')).to.deep.equal(before);
    expect(await requests(name)).to.deep.equal([]);
    click(button);
    await nextRequest(name, { method: 'POST', path: 'token' });
  });
});
