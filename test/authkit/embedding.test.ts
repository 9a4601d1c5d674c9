import { expect } from '@open-wc/testing';
import { sendKeys } from '@web/test-runner-commands';
import {
  exit,
  expectClick,
  mountButton,
  nextEvent,
  openAuthKit,
  record,
  recordEvents,
  stage,
  succeed,
  until,
} from '../fixtures/elements.js';
import { authkit, endpoints, engine, otherOrigin } from '../fixtures/servers/origins.js';
import {
  control,
  nextRequest,
  puppetControl,
  puppetRequests,
  puppetSay,
  puppetUrl,
  requests,
  uniqueName,
} from '../fixtures/servers/puppet-client.js';

/*
 * A page that is a frame of another one, with the one-file build in it: too small for AuthKit, or in a
 * sandbox. The page around it is the test's, of the same origin; host-pages/embedding.test.ts has others.
 */
type View = Window & typeof globalThis;
type HostWindow = View & { opened: (View | null)[] };

interface Host {
  frame: HTMLIFrameElement;
  window: HostWindow;
  document: Document;
  button: HTMLElementTagNameMap['pica-connect-button'];
}

interface HostOptions {
  width?: number;
  height?: number;
  sandbox?: string;
  /** A Content-Security-Policy. */
  policy?: string;
  /** In its head. */
  script?: string;
  /** Attributes of the button. */
  attributes?: string;
  /** Whether the elements are a bundler's modules there, and not the one-file build. */
  isModules?: boolean;
  /** The one-file build's address, where that is not the usual one. */
  src?: string;
  /** The name of AuthKit's stand-in. */
  name?: string;
  parent?: Element;
}

const createFrame = (options: HostOptions): HTMLIFrameElement => {
  const { width = 300, height = 200, sandbox, policy = '', script = '' } = options;
  const { name = uniqueName(), attributes = '', isModules = false } = options;
  const { src = `${location.origin}/dist/pica-connect.min.js` } = options;
  const [address, how] = isModules
    ? [`${location.origin}/src/index.ts`, 'type="module"']
    : [src, 'defer'];
  const frame = document.createElement('iframe');
  frame.title = 'Host';
  frame.width = String(width);
  frame.height = String(height);
  if (sandbox !== undefined) frame.setAttribute('sandbox', sandbox);
  frame.srcdoc = `<!doctype html>
    <html lang="en">
      <head>
        <meta http-equiv="Content-Security-Policy" content="${policy}" />
        <script nonce="n">
          opened = [];
          const { open } = window;
          window.open = (...args) => {
            opened.push(open.apply(window, args));
            return opened.at(-1);
          };
          ${script}
        </script>
        <script nonce="n" src="${address}" ${how}></script>
      </head>
      <body>
        <pica-connect-button token-url="${endpoints}/${name}/token" base-url="${puppetUrl(name)}" ${attributes}></pica-connect-button>
      </body>
    </html>`;
  return frame;
};

const openHost = async (options: HostOptions = {}): Promise<Host> => {
  const frame = createFrame(options);
  (options.parent ?? stage).append(frame);
  await nextEvent('load', frame);
  const inner = frame.contentDocument;
  const [button] = inner?.getElementsByTagName('pica-connect-button') ?? [];
  if (!inner || !button) throw new Error('The page has not loaded');
  await button.updateComplete;
  return { frame, window: frame.contentWindow as HostWindow, document: inner, button };
};

/** The one-file build's address on a server that has nothing beside it. */
const alone = async (): Promise<string> => {
  const body = await (await fetch('/dist/pica-connect.min.js')).text();
  const scope = uniqueName();
  const headers = { 'content-type': 'text/javascript' };
  const file = 'pica-connect.min.js';
  await control(scope, {
    behaviour: [
      { path: file, method: 'GET', status: 200, body, headers },
      ...['window', 'diagnosis'].map((name) => {
        return { path: `pica-connect.${name}.js`, method: 'GET', status: 404 };
      }),
    ],
  });
  return `${endpoints}/${scope}/${file}`;
};

/** A user's own press on the button: without one, browsers open no window. */
const press = async ({ frame, button }: Host): Promise<void> => {
  frame.focus();
  button.focus();
  await sendKeys({ press: 'Enter' });
};

const shown = ({ document }: Host): HTMLElement | null | undefined =>
  document
    .querySelector('[data-pica-connect-modal]')
    ?.shadowRoot?.querySelector<HTMLElement>('dialog');

const buttonNamed = (host: Host, name: string): HTMLButtonElement => {
  const buttons = [...(shown(host)?.querySelectorAll('button') ?? [])];
  const found = buttons.find(({ textContent }) => textContent === name);
  if (!found) throw new Error(`There is no "${name}"`);
  return found;
};

interface Opened {
  view: View;
  /** AuthKit's frame in it. */
  authkitFrame: HTMLIFrameElement;
}

/** Presses, and waits until AuthKit can be used in its window. */
const openWindow = async (host: Host): Promise<Opened> => {
  await press(host);
  await until(() => host.button.status === 'open');
  const view = host.window.opened[0];
  const authkitFrame = view?.document.querySelector('iframe');
  if (!view || !authkitFrame) throw new Error('AuthKit is in no window of its own');
  return { view, authkitFrame };
};

/** Lets nobody listen for this event of the window. */
const keepQuiet = (view: Window, name: string): void => {
  const listen = view.addEventListener.bind(view);
  view.addEventListener = (type: string, ...rest: [EventListenerOrEventListenerObject]) => {
    if (type !== name) listen(type, ...rest);
  };
};

const errorOf = (events: CustomEvent[]) =>
  events.find((event): event is HTMLElementEventMap['pica-error'] => event.type === 'pica-error')
    ?.detail.error;

afterEach(() => {
  for (const frame of stage.querySelectorAll('iframe')) {
    for (const view of (frame.contentWindow as Partial<HostWindow>).opened ?? []) view?.close();
  }
});

describe('a frame too small for AuthKit', () => {
  it('opens it in a window of its own, with the same events as ever', async () => {
    const host = await openHost();
    const { names } = recordEvents(host.button);
    const { view, authkitFrame } = await openWindow(host);
    expect(view.document.title).to.equal('Connect an account');
    expect(host.document.querySelector('iframe#event-link')).to.equal(null);

    const made = nextEvent('pica-success', host.button);
    succeed(authkitFrame, record());
    expect((await made).detail.connection.platform).to.equal('gmail');
    const closed = nextEvent('pica-close', host.button);
    exit(authkitFrame);
    expect((await closed).detail).to.include({ reason: 'user' });
    expect((await closed).detail.connection?.key).to.equal(record().key);
    expect(names).to.deep.equal(['pica-open', 'pica-success', 'pica-close']);
    await until(() => view.closed);
  });

  it('goes from loading to open to idle, and gives the focus back', async () => {
    const host = await openHost();
    expect(host.button.status).to.equal('idle');
    const opening = nextEvent('pica-open', host.button);
    const opened = openWindow(host);
    await opening;
    await Promise.resolve();
    expect(host.button.status).to.equal('loading');
    const { view } = await opened;
    expect(host.button.status).to.equal('open');
    view.close();
    await until(() => host.button.status === 'idle');
    expect(host.document.activeElement).to.equal(host.button);
    expect(shown(host)).to.equal(undefined);
  });

  it('says where AuthKit is, and shows that window at a press', async () => {
    const host = await openHost();
    const { view } = await openWindow(host);
    expect(shown(host)?.innerText).to.contain('Go on in the other window.');
    let shows = 0;
    view.focus = () => (shows += 1);
    buttonNamed(host, 'Show it').click();
    expect(shows).to.equal(1);
    expect(host.button.status).to.equal('open');
  });

  it('can open it again after it has closed', async () => {
    const host = await openHost();
    const { view } = await openWindow(host);
    host.button.close();
    await until(() => view.closed);
    host.window.opened.length = 0;
    const again = await openWindow(host);
    const made = nextEvent('pica-success', host.button);
    succeed(again.authkitFrame, record());
    await made;
  });

  const endings: [string, string, (host: Host, opened: Opened) => void][] = [
    ['Cancel in the frame', 'user', (host) => buttonNamed(host, 'Cancel').click()],
    ['the user closes the window', 'user', (_, { view }) => view.close()],
    ['the window is reloaded', 'user', (_, { view }) => view.location.reload()],
    ['the window is used for something else', 'user', (_, { view }) => view.location.assign('/')],
    ['a script calls close()', 'api', ({ button }) => button.close()],
    ['the button is removed', 'removed', ({ button }) => button.remove()],
  ];
  for (const [what, reason, end] of endings) {
    it(`${what}: both are closed, and the reason is "${reason}"`, async () => {
      const host = await openHost();
      const { names } = recordEvents(host.button);
      const opened = await openWindow(host);
      const closed = nextEvent('pica-close', host.button);
      end(host, opened);
      expect((await closed).detail).to.deep.equal({ connection: null, reason });
      await until(() => opened.view.closed);
      expect(shown(host)).to.equal(undefined);
      expect(names).to.deep.equal(['pica-open', 'pica-close']);
    });
  }

  it('notices that its window is gone where no event tells of it', async () => {
    const host = await openHost();
    const open = host.window.open.bind(host.window);
    host.window.open = (...args) => {
      const view = open(...args);
      if (view) keepQuiet(view, 'pagehide');
      return view;
    };
    const { view } = await openWindow(host);
    const closed = nextEvent('pica-close', host.button);
    view.close();
    expect((await closed).detail).to.deep.equal({ connection: null, reason: 'user' });
  });

  it('looks after its window no longer than that is there', async () => {
    const looking = new Set<unknown>();
    const host = await openHost();
    const setInterval = host.window.setInterval.bind(host.window);
    const clearInterval = host.window.clearInterval.bind(host.window);
    host.window.setInterval = ((...args: Parameters<typeof setInterval>) => {
      const timer = setInterval(...args);
      looking.add(timer);
      return timer;
    }) as typeof setInterval;
    host.window.clearInterval = (timer) => {
      looking.delete(timer);
      clearInterval(timer);
    };
    const { view } = await openWindow(host);
    expect(looking.size).to.equal(1);
    host.button.close();
    expect(looking.size).to.equal(0);
    await until(() => view.closed);
  });

  it('is over where its window is closed before anything is in it', async () => {
    const host = await openHost();
    const { names, events } = recordEvents(host.button);
    const open = host.window.open.bind(host.window);
    host.window.open = (...args) => {
      const view = open(...args);
      view?.close();
      return view;
    };
    const closed = nextEvent('pica-close', host.button);
    await press(host);
    expect((await closed).detail.reason).to.equal('user');
    expect(errorOf(events)).to.equal(undefined);
    expect(names).to.deep.equal(['pica-open', 'pica-close']);
  });

  it('closes its window when it is left', async () => {
    const host = await openHost();
    const { view } = await openWindow(host);
    host.frame.remove();
    await until(() => view.closed);
  });

  it('is told from the modules too: they open the window, or say why not', async () => {
    const host = await openHost({ isModules: true });
    const { view, authkitFrame } = await openWindow(host);
    const made = nextEvent('pica-success', host.button);
    succeed(authkitFrame, record());
    expect((await made).detail.connection.platform).to.equal('gmail');
    host.button.close();
    await until(() => view.closed);

    host.window.open = () => null;
    const told = nextEvent('pica-error', host.button);
    expect(await host.button.open()).to.equal(null);
    expect((await told).detail.error.message).to.contain('360 × 480');
    const messages = (await host.button.check()).map(({ message }) => message);
    expect(messages.join()).to.contain('a window of its own');
  });

  it('loads nothing of AuthKit ahead, and opens its window at the press as ever', async () => {
    const name = uniqueName();
    const host = await openHost({ name, attributes: 'preload="page"' });
    expectClick(host.button);
    await nextRequest(name, { method: 'POST', state: 'answered' });
    // What is done with the answer is done, and a request for AuthKit's page would have been received.
    for (let turn = 0; turn < 3; turn += 1) await requests(name);
    expect(await puppetRequests(name)).to.deep.equal([]);
    await openWindow(host);
    expect(await puppetRequests(name)).to.have.length(1);
  });

  it('opens its window although there was room when the page was loaded ahead', async () => {
    const host = await openHost({ width: 600, height: 600, attributes: 'preload="page"' });
    expectClick(host.button);
    await until(() => host.document.querySelector('iframe#event-link') !== null);
    host.frame.width = '300';
    await openWindow(host);
    expect(host.document.querySelector('iframe#event-link') === null).to.equal(true);
  });

  it('opens no window where the page prevents that', async () => {
    const host = await openHost();
    host.button.addEventListener('pica-open', (event) => event.preventDefault());
    await press(host);
    expect(await host.button.open()).to.equal(null);
    expect(host.window.opened).to.deep.equal([]);
  });

  it('says why when the window is not opened, the likeliest first', async () => {
    const host = await openHost();
    const { names, events } = recordEvents(host.button);
    host.window.open = () => null;
    expect(await host.button.open()).to.equal(null);
    expect(names).to.deep.equal(['pica-open', 'pica-error', 'pica-close']);
    const error = errorOf(events);
    expect(error?.code).to.equal('authkit-blocked');
    expect(error?.message).to.contain('360 × 480');
    expect(error?.hint).to.match(/allow-popups.+blocks popups.+without a click.+Opener-Policy/);
    expect(events[2]?.detail).to.include({ reason: 'error' });
  });

  it('says that it may open no window, although the file that explains is missing', async () => {
    const host = await openHost({ src: await alone() });
    const { names, events } = recordEvents(host.button);
    host.window.open = () => null;
    expect(await host.button.open()).to.equal(null);
    expect(names).to.deep.equal(['pica-open', 'pica-error', 'pica-close']);
    expect(errorOf(events)?.code).to.equal('authkit-blocked');
    expect(errorOf(events)?.message).to.contain('not open a window');
    expect(errorOf(events)?.hint).to.contain('allow-popups');
  });

  it('opens AuthKit in itself where the file for the window is missing', async () => {
    const host = await openHost({ src: await alone() });
    await press(host);
    await until(() => host.button.status === 'open');
    const isHere = host.document.querySelector('iframe#event-link') !== null;
    expect(isHere).to.equal(true);
    await until(() => host.window.opened[0]?.closed === true);
    host.button.close();
  });

  it('believes only what AuthKit posts to that window', async () => {
    const host = await openHost();
    const { names } = recordEvents(host.button);
    const { view, authkitFrame } = await openWindow(host);
    const forged = { messageType: 'LINK_SUCCESS', message: record('evil::1') };
    view.postMessage(forged, '*');
    host.window.postMessage(forged, '*');
    for (const origin of [authkit, otherOrigin]) {
      const stranger = view.document.createElement('iframe');
      stranger.src = puppetUrl(uniqueName(), origin);
      view.document.body.append(stranger);
      await nextEvent('load', stranger);
      const heard = nextEvent('message' as never, view);
      succeed(stranger, record('evil::2'));
      await heard;
    }
    const made = nextEvent('pica-success', host.button);
    succeed(authkitFrame, record());
    expect((await made).detail.connection.key).to.equal(record().key);
    expect(names).to.deep.equal(['pica-open', 'pica-success']);
  });

  it('is told in Chromium that the page refuses frames, in its window too', async function () {
    // Firefox 153 and WebKitGTK 2.50 tell nothing of it.
    if (engine !== 'chromium') this.skip();
    const name = uniqueName();
    await puppetControl(name, { headers: { 'content-security-policy': "frame-ancestors 'none'" } });
    const host = await openHost({ name });
    const told = nextEvent('pica-error', host.button);
    await press(host);
    expect((await told).detail.error.message).to.contain('frame-ancestors');
    await until(() => host.window.opened[0]?.closed === true);
  });

  it("has the element's texts, direction and colors in its window", async () => {
    const name = uniqueName();
    await puppetControl(name, { hang: true });
    const host = await openHost({ name, attributes: 'lang="he" app-theme="dark"' });
    await until(() => host.button.shadowRoot?.textContent.includes('חיבור') === true);
    await press(host);
    await until(() => Boolean(host.window.opened[0]?.document.querySelector('iframe')));
    const [view] = host.window.opened;
    if (!view) throw new Error('There is no window');
    const { title, documentElement, body } = view.document;
    const { lang, dir } = documentElement;
    expect({ title, lang, dir }).to.deep.equal({ title: 'חיבור חשבון', lang: 'he', dir: 'rtl' });
    expect(view.getComputedStyle(documentElement).colorScheme).to.equal('dark');
    expect(body.innerText).to.contain('פתיחה…');
  });

  it('shows AuthKit in its window once it is there', async () => {
    const { view, authkitFrame } = await openWindow(await openHost());
    expect(view.getComputedStyle(authkitFrame).visibility).to.equal('visible');
  });

  it('has in its hint, where AuthKit could not connect, what may keep a window from it', async () => {
    const host = await openHost({ width: 800, height: 600 });
    host.button.shadowRoot?.querySelector('button')?.click();
    await until(() => host.button.status === 'open');
    const told = nextEvent('pica-error', host.button);
    const frame = host.document.querySelector('iframe');
    if (!frame) throw new Error('AuthKit is not in the frame');
    puppetSay(frame, { messageType: 'LINK_ERROR', message: 'the popup was blocked' });
    const { error } = (await told).detail;
    expect(error.message).to.contain('the popup was blocked');
    expect(error.hint).to.contain('allow-popups');
    host.button.close();
  });

  it('gives up a page that does not load, and closes its window', async () => {
    const name = uniqueName();
    await puppetControl(name, { hang: true });
    const host = await openHost({ name, attributes: 'timeout="1"' });
    const told = nextEvent('pica-error', host.button);
    await press(host);
    expect((await told).detail.error.code).to.equal('authkit-unreachable');
    await until(() => host.window.opened[0]?.closed === true);
  });

  const strict = {
    'default-src': "'none'",
    'script-src': "'nonce-n'",
    'frame-src': authkit,
    'connect-src': `${endpoints} ${authkit}`,
    'require-trusted-types-for': "'script'",
    'trusted-types': 'lit-html pica-connect',
  };
  const policyOf = (policy: object) =>
    Object.entries(policy)
      .map(([directive, value]) => `${directive} ${String(value)}`)
      .join('; ');

  it('works under a strict Content-Security-Policy with Trusted Types', async () => {
    const host = await openHost({ policy: policyOf(strict) });
    const { view, authkitFrame } = await openWindow(host);
    expect(view.getComputedStyle(view.document.body).marginTop).to.equal('0px');
    const made = nextEvent('pica-success', host.button);
    succeed(authkitFrame, record());
    await made;
  });

  it("says what to add to a policy that forbids AuthKit's frame, and closes its window", async () => {
    const host = await openHost({ policy: policyOf({ ...strict, 'frame-src': otherOrigin }) });
    const told = nextEvent('pica-error', host.button);
    await press(host);
    const { error } = (await told).detail;
    expect(error.code).to.equal('authkit-blocked');
    expect(error.hint).to.contain(`frame-src ${authkit}`);
    await until(() => host.window.opened[0]?.closed === true);
  });

  it('is said by check(), as nothing wrong', async () => {
    const host = await openHost();
    const found = (await host.button.check()).filter(({ code }) => code === 'authkit-blocked');
    expect(found.map(({ ok }) => ok)).to.deep.equal([true, true, true]);
    expect(found.map(({ message }) => message).join()).to.contain('a window of its own');
  });

  it('of 360 × 480 and more has room for it', async () => {
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
    it(`of ${width} × ${height} has not`, async () => {
      await openWindow(await openHost({ width, height }));
    });
  }
});

describe('a page as small that is no frame', () => {
  const own = Object.getOwnPropertyDescriptor(window, 'innerWidth') ?? {};
  afterEach(() => {
    Object.defineProperty(window, 'innerWidth', own);
  });

  it('has room for it, as a phone has', async () => {
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

  it('is one in which AuthKit cannot be used', async () => {
    const button = await mountButton();
    const { events } = recordEvents(button);
    expect(await button.open()).to.equal(null);
    expect(errorOf(events)?.code).to.equal('authkit-blocked');
    expect(errorOf(events)?.hint).to.contain('allow-same-origin');
  });

  it('but from a file is one in which AuthKit works', async () => {
    // Above `document` itself, of which elements in the page shadow properties: the getter is further up.
    Object.defineProperty(Document.prototype, 'baseURI', {
      value: 'file:///page.html',
      configurable: true,
    });
    const { frame } = await openAuthKit(await mountButton());
    expect(frame.isConnected).to.equal(true);
  });
});

describe('a frame in a sandbox', () => {
  const large = { width: 800, height: 600 };
  const enough = 'allow-scripts allow-same-origin allow-forms allow-popups';

  it('with what AuthKit needs opens it', async () => {
    const host = await openHost({ ...large, sandbox: enough.toUpperCase() });
    host.button.shadowRoot?.querySelector('button')?.click();
    await until(() => host.button.status === 'open');
    host.button.close();
  });

  it('opens it in a window of its own where it is too small', async () => {
    const host = await openHost({ sandbox: enough });
    const { authkitFrame } = await openWindow(host);
    const made = nextEvent('pica-success', host.button);
    succeed(authkitFrame, record());
    await made;
  });

  for (const [what, options] of [
    ['', { ...large, isModules: true }],
    [', and is too small', {}],
  ] as const) {
    it(`without allow-popups says so at the click${what}`, async () => {
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

  it('with allow-popups-to-escape-sandbox alone is one without allow-popups', async () => {
    const sandbox = 'allow-scripts allow-same-origin allow-popups-to-escape-sandbox';
    const host = await openHost({ ...large, sandbox });
    const { events } = recordEvents(host.button);
    await host.button.open();
    expect(errorOf(events)?.message).to.contain('lacks allow-popups');
  });

  it('that a frame further out has is the same', async () => {
    const outer = document.createElement('iframe');
    outer.setAttribute('sandbox', 'allow-scripts allow-same-origin');
    outer.width = '900';
    outer.height = '700';
    outer.srcdoc = '<!doctype html><body></body>';
    stage.append(outer);
    await nextEvent('load', outer);
    const place = outer.contentDocument?.body;
    if (!place) throw new Error('There is no outer page');
    const host = await openHost({ ...large, parent: place });
    const { events } = recordEvents(host.button);
    await host.button.open();
    expect(errorOf(events)?.message).to.contain('lacks allow-popups');
  });

  // Nobody outside sees into such a page: it has to say itself what it hears.
  it('without allow-same-origin says so at the click', async () => {
    const heard = new Promise<string>((resolve) => {
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
    expect(await heard).to.contain('allow-same-origin');
  });

  for (const [sandbox, ok, words] of [
    ['allow-scripts allow-same-origin', false, 'lacks allow-popups'],
    ['allow-scripts allow-same-origin allow-popups', false, 'allow-forms'],
    [enough, false, 'allow-popups-to-escape-sandbox'],
    [`${enough} allow-popups-to-escape-sandbox`, true, 'what AuthKit needs'],
  ] as const) {
    it(`of ${sandbox}: check() says "${words}"`, async () => {
      const host = await openHost({ ...large, sandbox, isModules: true });
      const found = (await host.button.check()).filter(({ code }) => code === 'authkit-blocked');
      expect(found.at(-1)?.ok).to.equal(ok);
      expect(found.at(-1)?.message).to.contain(words);
    });
  }
});
