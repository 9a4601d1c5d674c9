import { expect } from '@open-wc/testing';
import {
  exit,
  hover,
  nextEvent,
  record,
  recordEvents,
  succeed,
  until,
} from '../fixtures/elements.js';
import { authkit, endpoints, engine, otherOrigin } from '../fixtures/servers/origins.js';
import {
  control,
  nextRequest,
  puppetControl,
  puppetRequests,
  puppetPost,
  puppetUrl,
  requests,
  uniqueName,
} from '../fixtures/servers/puppet-client.js';
import {
  type Host,
  openHost,
  press,
  type Opened,
  openWindow,
  errorOf,
} from '../fixtures/embedded-page.js';

/** Serves the one-file build without the files that it loads later, and returns its URL. */
const serveWithoutChunks = async (): Promise<string> => {
  const body = await (await fetch('/dist/pica-connect.min.js')).text();
  const scope = uniqueName();
  const headers = { 'content-type': 'text/javascript' };
  const file = 'pica-connect.min.js';
  await control(scope, {
    behaviour: [
      { path: file, method: 'GET', status: 200, body, headers },
      { path: 'pica-connect.diagnosis.js', method: 'GET', status: 404 },
    ],
  });
  return `${endpoints}/${scope}/${file}`;
};

const modalOf = ({ document }: Host): HTMLElement | null | undefined =>
  document
    .querySelector('[data-pica-connect-modal]')
    ?.shadowRoot?.querySelector<HTMLElement>('dialog');

const buttonNamed = (host: Host, name: string): HTMLButtonElement => {
  const buttons = [...(modalOf(host)?.querySelectorAll('button') ?? [])];
  const found = buttons.find(({ textContent }) => textContent === name);
  if (!found) throw new Error(`There is no "${name}"`);
  return found;
};

/** Ignores all listeners for this event of the window. */
const suppressEvent = (view: Window, name: string): void => {
  const listen = view.addEventListener.bind(view);
  view.addEventListener = (type: string, ...rest: [EventListenerOrEventListenerObject]) => {
    if (type !== name) listen(type, ...rest);
  };
};

describe('a frame too small for AuthKit', () => {
  it('opens AuthKit in a window, with the usual events', async () => {
    const host = await openHost();
    const { names } = recordEvents(host.button);
    const { view, authkitFrame } = await openWindow(host);
    expect(view.document.title).to.equal('Connect an account');
    expect(host.document.querySelector('iframe#event-link')).to.equal(null);

    const successEvent = nextEvent('pica-success', host.button);
    succeed(authkitFrame, record());
    expect((await successEvent).detail.connection.platform).to.equal('gmail');
    const closed = nextEvent('pica-close', host.button);
    exit(authkitFrame);
    expect((await closed).detail).to.include({ reason: 'user' });
    expect((await closed).detail.connection?.key).to.equal(record().key);
    expect(names).to.deep.equal(['pica-open', 'pica-success', 'pica-close']);
    await until(() => view.closed);
  });

  it('has a button whose status goes from loading to open to idle, and that gets the focus back', async () => {
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
    expect(modalOf(host)).to.equal(undefined);
  });

  it('says where AuthKit is, and brings its window to the front on request', async () => {
    const host = await openHost();
    const { view } = await openWindow(host);
    expect(modalOf(host)?.innerText).to.contain('Go on in the other window.');
    let shows = 0;
    view.focus = () => (shows += 1);
    buttonNamed(host, 'Show it').click();
    expect(shows).to.equal(1);
    expect(host.button.status).to.equal('open');
  });

  it('can open AuthKit again after its window has closed', async () => {
    const host = await openHost();
    const { view } = await openWindow(host);
    host.button.close();
    await until(() => view.closed);
    host.window.opened.length = 0;
    const reopened = await openWindow(host);
    const successEvent = nextEvent('pica-success', host.button);
    succeed(reopened.authkitFrame, record());
    await successEvent;
  });

  const endings: [string, string, (host: Host, opened: Opened) => void][] = [
    ['the user cancels in the frame', 'user', (host) => buttonNamed(host, 'Cancel').click()],
    ['the user closes the window', 'user', (_, { view }) => view.close()],
    ['the window is reloaded', 'user', (_, { view }) => view.location.reload()],
    ['the window is used for something else', 'user', (_, { view }) => view.location.assign('/')],
    ['a script calls close()', 'api', ({ button }) => button.close()],
    ['the button is removed', 'removed', ({ button }) => button.remove()],
  ];
  for (const [cause, reason, end] of endings) {
    it(`closes the modal and the window with the reason "${reason}" when ${cause}`, async () => {
      const host = await openHost();
      const { names } = recordEvents(host.button);
      const opened = await openWindow(host);
      const closed = nextEvent('pica-close', host.button);
      end(host, opened);
      expect((await closed).detail).to.deep.equal({ connection: null, reason });
      await until(() => opened.view.closed);
      expect(modalOf(host)).to.equal(undefined);
      expect(names).to.deep.equal(['pica-open', 'pica-close']);
    });
  }

  const unreported: [string, (view: Window) => void][] = [
    ['a closed window', (view) => view.close()],
    ['a reload of its window', (view) => view.location.reload()],
    ['another page in its window', (view) => view.location.assign('/')],
  ];
  for (const [description, end] of unreported) {
    it(`notices ${description} even without an event`, async () => {
      const host = await openHost();
      const open = host.window.open.bind(host.window);
      host.window.open = (...args) => {
        const view = open(...args);
        if (view) suppressEvent(view, 'pagehide');
        return view;
      };
      const { view } = await openWindow(host);
      const closed = nextEvent('pica-close', host.button);
      end(view);
      expect((await closed).detail).to.deep.equal({ connection: null, reason: 'user' });
    });
  }

  it('stops polling the window once it is closed', async () => {
    const timers = new Set<unknown>();
    const host = await openHost();
    const setInterval = host.window.setInterval.bind(host.window);
    const clearInterval = host.window.clearInterval.bind(host.window);
    host.window.setInterval = ((...args: Parameters<typeof setInterval>) => {
      const timer = setInterval(...args);
      timers.add(timer);
      return timer;
    }) as typeof setInterval;
    host.window.clearInterval = (timer) => {
      timers.delete(timer);
      clearInterval(timer);
    };
    const { view } = await openWindow(host);
    expect(timers.size).to.equal(1);
    host.button.close();
    expect(timers.size).to.equal(0);
    await until(() => view.closed);
  });

  it('closes with the reason "user" if the window closes before anything has loaded', async () => {
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

  it('closes the window when the frame is removed', async () => {
    const host = await openHost();
    const { view } = await openWindow(host);
    host.frame.remove();
    await until(() => view.closed);
  });

  it('opens the window with the ES modules too, or reports why it can’t', async () => {
    const host = await openHost({ isModules: true });
    const { view, authkitFrame } = await openWindow(host);
    const successEvent = nextEvent('pica-success', host.button);
    succeed(authkitFrame, record());
    expect((await successEvent).detail.connection.platform).to.equal('gmail');
    host.button.close();
    await until(() => view.closed);

    host.window.open = () => null;
    const errorEvent = nextEvent('pica-error', host.button);
    expect(await host.button.open()).to.equal(null);
    expect((await errorEvent).detail.error.message).to.contain('360 × 480');
    const messages = (await host.button.check()).map(({ message }) => message);
    expect(messages.join()).to.contain('a window of its own');
  });

  it('does not preload AuthKit’s page, but opens the window as usual', async () => {
    const name = uniqueName();
    const host = await openHost({ name, attributes: 'preload="page"' });
    hover(host.button);
    await nextRequest(name, { method: 'POST', state: 'answered' });
    // After these round trips, a request for AuthKit's page would have arrived.
    for (let turn = 0; turn < 3; turn += 1) await requests(name);
    expect(await puppetRequests(name)).to.deep.equal([]);
    await openWindow(host);
    expect(await puppetRequests(name)).to.have.length(1);
  });

  it('opens the window even if the frame was larger during the preload', async () => {
    const host = await openHost({ width: 600, height: 600, attributes: 'preload="page"' });
    hover(host.button);
    await until(() => host.document.querySelector('iframe#event-link') !== null);
    host.frame.width = '300';
    await openWindow(host);
    expect(host.document.querySelector('iframe#event-link') === null).to.equal(true);
  });

  it('opens no window when pica-open is prevented', async () => {
    const host = await openHost();
    host.button.addEventListener('pica-open', (event) => event.preventDefault());
    await press(host);
    expect(await host.button.open()).to.equal(null);
    expect(host.window.opened).to.deep.equal([]);
  });

  it('reports why the window was blocked, with the likeliest cause first', async () => {
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

  it('reports a blocked window even if the file with the explanations is missing', async () => {
    const host = await openHost({ src: await serveWithoutChunks() });
    const { names, events } = recordEvents(host.button);
    host.window.open = () => null;
    expect(await host.button.open()).to.equal(null);
    expect(names).to.deep.equal(['pica-open', 'pica-error', 'pica-close']);
    expect(errorOf(events)?.code).to.equal('authkit-blocked');
    expect(errorOf(events)?.message).to.contain('not open a window');
    expect(errorOf(events)?.hint).to.contain('allow-popups');
  });

  it('opens the window even if the one file was copied alone', async () => {
    const host = await openHost({ src: await serveWithoutChunks() });
    const { view } = await openWindow(host);
    expect(host.document.querySelector('iframe#event-link')).to.equal(null);
    host.button.close();
    await until(() => view.closed);
  });

  it('accepts only messages from AuthKit’s frame in the window', async () => {
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
      const event = nextEvent('message' as never, view);
      succeed(stranger, record('evil::2'));
      await event;
    }
    const successEvent = nextEvent('pica-success', host.button);
    succeed(authkitFrame, record());
    expect((await successEvent).detail.connection.key).to.equal(record().key);
    expect(names).to.deep.equal(['pica-open', 'pica-success']);
  });

  it('reports in Chromium that AuthKit’s page refuses frames in the window', async function () {
    // Firefox 153 and WebKitGTK 2.50 don't notify the page.
    if (engine !== 'chromium') this.skip();
    const name = uniqueName();
    await puppetControl(name, { headers: { 'content-security-policy': "frame-ancestors 'none'" } });
    const host = await openHost({ name });
    const errorEvent = nextEvent('pica-error', host.button);
    await press(host);
    expect((await errorEvent).detail.error.message).to.contain('frame-ancestors');
    await until(() => host.window.opened[0]?.closed === true);
  });

  it('gives the window the element’s language, direction and colors', async () => {
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

  it('makes AuthKit visible in the window', async () => {
    const { view, authkitFrame } = await openWindow(await openHost());
    expect(view.getComputedStyle(authkitFrame).visibility).to.equal('visible');
  });

  it('mentions allow-popups in the hint if AuthKit reports a failed connection', async () => {
    const host = await openHost({ width: 800, height: 600 });
    host.button.shadowRoot?.querySelector('button')?.click();
    await until(() => host.button.status === 'open');
    const errorEvent = nextEvent('pica-error', host.button);
    const frame = host.document.querySelector('iframe');
    if (!frame) throw new Error('AuthKit is not in the frame');
    puppetPost(frame, { messageType: 'LINK_ERROR', message: 'the popup was blocked' });
    const { error } = (await errorEvent).detail;
    expect(error.message).to.contain('the popup was blocked');
    expect(error.hint).to.contain('allow-popups');
    host.button.close();
  });

  it('reports a page that does not load, and closes the window', async () => {
    const name = uniqueName();
    await puppetControl(name, { hang: true });
    const host = await openHost({ name, attributes: 'timeout="1"' });
    const errorEvent = nextEvent('pica-error', host.button);
    await press(host);
    expect((await errorEvent).detail.error.code).to.equal('authkit-unreachable');
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
    const successEvent = nextEvent('pica-success', host.button);
    succeed(authkitFrame, record());
    await successEvent;
  });

  it('names the directive to add if a policy forbids AuthKit’s frame, and closes the window', async () => {
    const host = await openHost({ policy: policyOf({ ...strict, 'frame-src': otherOrigin }) });
    const errorEvent = nextEvent('pica-error', host.button);
    await press(host);
    const { error } = (await errorEvent).detail;
    expect(error.code).to.equal('authkit-blocked');
    expect(error.hint).to.contain(`frame-src ${authkit}`);
    await until(() => host.window.opened[0]?.closed === true);
  });
});
