import { expect } from '@open-wc/testing';
import {
  mountButton,
  nextEvent,
  openAuthKit,
  record,
  recordEvents,
  stage,
  succeed,
  until,
} from '../fixtures/elements.js';
import { createFrame, openHost, openWindow, errorOf } from '../fixtures/embedded-page.js';

describe('a frame too small for AuthKit', () => {
  it('is reported by check(), but not as a fault', async () => {
    const host = await openHost();
    const found = (await host.button.check()).filter(({ code }) => code === 'authkit-blocked');
    expect(found.map(({ ok }) => ok)).to.deep.equal([true, true, true]);
    expect(found.map(({ message }) => message).join()).to.contain('a window of its own');
  });

  it('is smaller than 360 × 480, where AuthKit opens in the frame', async () => {
    const host = await openHost({ width: 360, height: 480 });
    host.button.shadowRoot?.querySelector('button')?.click();
    await until(() => host.button.status === 'open');
    expect(host.window.opened).to.deep.equal([]);
    expect(host.document.querySelector('iframe#event-link')).to.not.equal(null);
    host.button.close();
  });

  for (const [width, height] of [
    [359, 480],
    [360, 479],
  ]) {
    it(`includes ${width} × ${height}, where AuthKit opens in a window`, async () => {
      await openWindow(await openHost({ width, height }));
    });
  }
});

describe('a page of the same size outside a frame', () => {
  const own = Object.getOwnPropertyDescriptor(window, 'innerWidth') ?? {};
  afterEach(() => {
    Object.defineProperty(window, 'innerWidth', own);
  });

  it('opens AuthKit in the page, as on a phone', async () => {
    Object.defineProperty(window, 'innerWidth', { ...own, get: () => 320 });
    const { frame } = await openAuthKit(await mountButton());
    expect(frame.isConnected).to.equal(true);
  });
});

describe('a page without an origin', () => {
  const own = Object.getOwnPropertyDescriptor(window, 'origin') ?? {};
  beforeEach(() => {
    Object.defineProperty(window, 'origin', { ...own, get: () => 'null' });
  });
  afterEach(() => {
    Object.defineProperty(window, 'origin', own);
    Reflect.deleteProperty(Document.prototype, 'baseURI');
  });

  it('cannot open AuthKit', async () => {
    // The browser still sends the real origin, and the token check would report the difference.
    const button = await mountButton({ tokenCheck: 'off' });
    const { events } = recordEvents(button);
    expect(await button.open()).to.equal(null);
    expect(errorOf(events)?.code).to.equal('authkit-blocked');
    expect(errorOf(events)?.hint).to.contain('allow-same-origin');
  });

  it('opens AuthKit when it comes from a file', async () => {
    // The getter is on Node.prototype, so this shadows it for the test.
    Object.defineProperty(Document.prototype, 'baseURI', {
      value: 'file:///page.html',
      configurable: true,
    });
    const { frame } = await openAuthKit(await mountButton());
    expect(frame.isConnected).to.equal(true);
  });
});

describe('a sandboxed frame', () => {
  const large = { width: 800, height: 600 };
  const requiredTokens = 'allow-scripts allow-same-origin allow-forms allow-popups';

  it('opens AuthKit if it allows everything that AuthKit needs', async () => {
    const host = await openHost({ ...large, sandbox: requiredTokens.toUpperCase() });
    host.button.shadowRoot?.querySelector('button')?.click();
    await until(() => host.button.status === 'open');
    host.button.close();
  });

  it('opens AuthKit in a window if it is too small', async () => {
    const host = await openHost({ sandbox: requiredTokens });
    const { authkitFrame } = await openWindow(host);
    const successEvent = nextEvent('pica-success', host.button);
    succeed(authkitFrame, record());
    await successEvent;
  });

  for (const [condition, options] of [
    ['if it is large enough', { ...large, isModules: true }],
    ['if it is too small', {}],
  ] as const) {
    it(`reports a missing allow-popups at the click ${condition}`, async () => {
      const host = await openHost({ ...options, sandbox: 'allow-scripts allow-same-origin' });
      const { names, events } = recordEvents(host.button);
      expect(await host.button.open()).to.equal(null);
      expect(names).to.deep.equal(['pica-open', 'pica-error', 'pica-close']);
      const error = errorOf(events);
      expect(error?.code).to.equal('authkit-blocked');
      expect(error?.message).to.contain('lacks allow-popups');
      expect(error?.hint).to.contain('allow-popups-to-escape-sandbox');
      expect(host.window.opened).to.deep.equal([]);
    });
  }

  it('needs allow-popups even with allow-popups-to-escape-sandbox', async () => {
    const sandbox = 'allow-scripts allow-same-origin allow-popups-to-escape-sandbox';
    const host = await openHost({ ...large, sandbox });
    const { events } = recordEvents(host.button);
    await host.button.open();
    expect(errorOf(events)?.message).to.contain('lacks allow-popups');
  });

  it('reports the same if an outer frame has the sandbox', async () => {
    const outer = document.createElement('iframe');
    outer.setAttribute('sandbox', 'allow-scripts allow-same-origin');
    outer.width = '900';
    outer.height = '700';
    outer.srcdoc = '<!doctype html><body></body>';
    stage.append(outer);
    await nextEvent('load', outer);
    const outerBody = outer.contentDocument?.body;
    if (!outerBody) throw new Error('There is no outer page');
    const host = await openHost({ ...large, parent: outerBody });
    const { events } = recordEvents(host.button);
    await host.button.open();
    expect(errorOf(events)?.message).to.contain('lacks allow-popups');
  });

  // The test can't access a page without an origin, so the page posts what it receives.
  it('reports a missing allow-same-origin at the click', async () => {
    const message = new Promise<string>((resolve) => {
      window.addEventListener('message', ({ data }) => typeof data === 'string' && resolve(data));
    });
    const script = `addEventListener('load', () => {
      document.addEventListener('pica-error', ({ detail: { error } }) => {
        if (error.code === 'authkit-blocked') parent.postMessage(error.message + error.hint, '*');
      });
      document.querySelector('pica-connect-button').open();
    });`;
    const sandbox = 'allow-scripts allow-popups';
    stage.append(createFrame({ ...large, sandbox, script, attributes: 'token-check="off"' }));
    expect(await message).to.contain('allow-same-origin');
  });

  for (const [sandbox, ok, excerpt] of [
    ['allow-scripts allow-same-origin', false, 'lacks allow-popups'],
    ['allow-scripts allow-same-origin allow-popups', false, 'allow-forms'],
    [requiredTokens, false, 'allow-popups-to-escape-sandbox'],
    [`${requiredTokens} allow-popups-to-escape-sandbox`, true, 'everything that AuthKit needs'],
  ] as const) {
    it(`with ${sandbox} makes check() report "${excerpt}"`, async () => {
      const host = await openHost({ ...large, sandbox, isModules: true });
      const found = (await host.button.check()).filter(({ code }) => code === 'authkit-blocked');
      expect(found.at(-1)?.ok).to.equal(ok);
      expect(found.at(-1)?.message).to.contain(excerpt);
    });
  }
});
