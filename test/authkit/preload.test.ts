import { expect } from '@open-wc/testing';
import { sendKeys } from '@web/test-runner-commands';
import type { PicaConnectButton } from '../../src/classes.js';
import {
  allSaid,
  authkitFrame,
  exit,
  expectClick,
  hesitated,
  modalDialog,
  mount,
  mountButton,
  mountList,
  nextEvent,
  openAuthKit,
  part,
  record,
  recordEvents,
  spyOn,
  succeed,
  theFrame,
  until,
} from '../fixtures/elements.js';
import { endpoints, engine, hangsUp, isShell, otherOrigin } from '../fixtures/servers/origins.js';
import {
  control,
  nextPuppetMessage,
  nextRequest,
  puppetControl,
  puppetDo,
  puppetRequests,
  puppetSay,
  puppetUrl,
  release,
  requests,
  uniqueName,
} from '../fixtures/servers/puppet-client.js';
import type { PuppetRequest } from '../fixtures/servers/protocol.js';

/** A button that loads AuthKit's page ahead, and the name of its endpoints and of that page. */
const mountAhead = async (properties: Partial<PicaConnectButton> = {}) => {
  const name = uniqueName();
  return { name, button: await mountButton({ preload: 'page', ...properties }, name) };
};

/** AuthKit's page from this stand-in, once it is there, unseen, and AuthKit itself would believe it. */
const loadedAhead = async (name: string): Promise<HTMLIFrameElement> => {
  await until(() => authkitFrame()?.src.includes(name) === true);
  const frame = theFrame();
  await nextPuppetMessage('loaded', frame);
  await until(() => frame.style.visibility === 'visible');
  return frame;
};

/** A button whose AuthKit is there already. */
const mountLoaded = async (properties: Partial<PicaConnectButton> = {}) => {
  const mounted = await mountAhead(properties);
  expectClick(mounted.button);
  return { ...mounted, frame: await loadedAhead(mounted.name) };
};

const click = (button: PicaConnectButton): void => {
  part(button, 'button').click();
};

/** What the token endpoint was asked for. */
const tokenRequests = async (name: string): Promise<number> =>
  (await requests(name)).filter(({ method }) => method === 'POST').length;

/**
 * Lets what an intent leads to come about: the token has been answered, and what is done then is done. A round
 * trip follows, so that a request for AuthKit's page would have been received.
 */
const settled = async (name: string, isAsked = true): Promise<void> => {
  await hesitated();
  if (isAsked) await nextRequest(name, { method: 'POST', state: 'answered' });
  for (let turn = 0; turn < 3; turn += 1) await requests(name);
};

/** Makes the browser say that its user wants few bytes. */
const saveData = (): (() => void) => {
  const own = Object.getOwnPropertyDescriptor(navigator, 'connection');
  Object.defineProperty(navigator, 'connection', { value: { saveData: true }, configurable: true });
  return () => {
    Reflect.deleteProperty(navigator, 'connection');
    if (own) Object.defineProperty(navigator, 'connection', own);
  };
};

describe('preload="connect"', () => {
  it('lets AuthKit come over the connection that was made ahead', async function () {
    // WebKitGTK 2.50 makes the connection, and then another for the next frame.
    if (engine === 'webkit') this.skip();
    const name = uniqueName();
    const button = await mountButton({ baseUrl: puppetUrl(name, otherOrigin) }, name);
    expect(button.preload).to.equal('connect');
    // Other tests have had their connections.
    const { length: earlier } = await puppetRequests('favicon.ico');
    expectClick(button);
    let ahead: PuppetRequest | undefined;
    while (!ahead) ahead = (await puppetRequests('favicon.ico'))[earlier];
    // The frame that did it has had its answer, and is gone.
    await until(() => document.head.querySelector('iframe') === null);
    await openAuthKit(button);
    const [page] = await puppetRequests(name);
    expect(page?.port).to.equal(ahead.port);
  });

  it('keeps one frame for it at most, as a server may never answer', async () => {
    const one = await mountButton({ baseUrl: 'https://one.invalid', tokenCheck: 'off' });
    const other = await mountButton({ baseUrl: 'https://other.invalid', tokenCheck: 'off' });
    expectClick(one);
    expectClick(other);
    await until(() => document.head.querySelector('iframe')?.src.includes('other') === true);
    const sources = [...document.head.querySelectorAll('iframe')].map(({ src }) => src);
    expect(sources).to.deep.equal(['https://other.invalid/favicon.ico']);
    document.head.querySelector('iframe')?.remove();
  });

  it('does nothing ahead of a click that comes at once', async () => {
    const { button, name } = await mountAhead({ baseUrl: 'https://at-once.invalid' });
    expectClick(button);
    click(button);
    await hesitated();
    expect(document.head.querySelector('iframe[src*="at-once"]')).to.equal(null);
    expect(await tokenRequests(name)).to.equal(1);
    button.close();
  });

  it('loads nothing of AuthKit', async () => {
    const { button, name } = await mountAhead({ preload: 'connect' });
    expectClick(button);
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

  it('is taken for one that lasts a minute', async () => {
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
      expectClick(button);
      await hesitated();
      expect(made).to.have.length(count);
    }
  });

  it('is made by a frame in which nothing may run', async () => {
    const made = watchHead('https://nothing-runs.invalid');
    expectClick(await mountButton({ baseUrl: 'https://nothing-runs.invalid', tokenCheck: 'off' }));
    await until(() => made.length > 0);
    expect(made[0]?.getAttribute('sandbox')).to.equal('');
  });

  it("is not made where that is the page's own", async () => {
    const made = watchHead(location.origin);
    expectClick(await mountButton({ baseUrl: `${location.origin}/authkit`, tokenCheck: 'off' }));
    await hesitated();
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

  it('is not made where they are there at once', async () => {
    const made = watchHead('https://soon.invalid');
    const button = await mountButton({
      baseUrl: 'https://soon.invalid',
      tokenHeaders: () => Promise.resolve({}),
      tokenCheck: 'off',
    });
    void button.open();
    await hesitated();
    expect(made).to.have.length(0);
    expect(theFrame().src).to.contain('soon.invalid');
  });
});

describe('preload="none"', () => {
  it('asks for nothing until the click', async () => {
    // What tests before this one have connected to.
    await until(() => document.head.querySelector('iframe') === null);
    const before = await puppetRequests('favicon.ico');
    const { button, name } = await mountAhead({ preload: 'none' });
    expectClick(button);
    await settled(name, false);
    expect(document.head.querySelector('iframe')).to.equal(null);
    expect(await puppetRequests('favicon.ico')).to.deep.equal(before);
    expect(await requests(name)).to.deep.equal([]);
    click(button);
    await nextRequest(name, { method: 'POST', path: 'token' });
  });
});

describe('preload="page"', () => {
  it('shows with the click what was loaded before it', async () => {
    const { button, frame, name } = await mountLoaded();
    expect(frame.checkVisibility()).to.equal(false);
    click(button);
    expect(theFrame()).to.equal(frame);
    expect(frame.checkVisibility({ visibilityProperty: true })).to.equal(true);
    expect(modalDialog()?.matches(':modal')).to.equal(true);
    expect(button.status).to.equal('open');
    expect(await puppetRequests(name)).to.have.length(1);
  });

  for (const intent of ['pointerover', 'focusin', 'touchstart']) {
    it(`loads it at ${intent}`, async () => {
      const { button, name } = await mountAhead();
      button.dispatchEvent(new Event(intent));
      await loadedAhead(name);
    });
  }

  it('loads it where no token is asked for', async () => {
    const { button, name } = await mountAhead({ tokenCheck: 'off' });
    expectClick(button);
    await loadedAhead(name);
    expect(await tokenRequests(name)).to.equal(0);
  });

  it('loads it once, however often a click is expected', async () => {
    const { button, frame, name } = await mountLoaded();
    expectClick(button);
    await settled(name);
    expect(theFrame() === frame).to.equal(true);
    expect(await puppetRequests(name)).to.have.length(1);
  });

  it('connects an account as ever', async () => {
    const { button, frame } = await mountLoaded();
    const { names, events } = recordEvents(button);
    const closed = button.open();
    const made = nextEvent('pica-success', button);
    succeed(frame);
    await made;
    exit(frame);
    expect((await closed)?.key).to.equal(record().key);
    expect(names).to.deep.equal(['pica-open', 'pica-success', 'pica-close']);
    expect(events[2]?.detail).to.have.property('reason', 'user');
    expect(authkitFrame()).to.equal(null);
  });

  it('asks for one token, and for none with the click', async () => {
    const { button, name } = await mountLoaded({ selectedConnection: 'Gmail' });
    expect(await tokenRequests(name)).to.equal(1);
    click(button);
    expect(button.status).to.equal('open');
    await settled(name);
    expect(await tokenRequests(name)).to.equal(1);
    expect(await puppetRequests(name)).to.have.length(1);
  });

  it('gives it the name by which AuthKit knows the integration', async () => {
    const { button } = await mountAhead({ selectedConnection: 'google-calendar' });
    expectClick(button);
    await until(() => authkitFrame() !== null);
    const { data } = await nextPuppetMessage('loaded', theFrame());
    expect(data?.selectedConnection).to.equal('Google Calendar');
    const frame = theFrame();
    click(button);
    expect(theFrame()).to.equal(frame);
  });

  it('takes no focus, whatever the page in it does', async function () {
    // Chromium's shell 156 ends when a frame that is not shown asks for the focus; test/host-pages has this in the
    // browser itself.
    if (isShell) this.skip();
    const field = mount('<input />') as HTMLInputElement;
    field.focus();
    const { frame } = await mountLoaded();
    // In WebKitGTK 2.50 a script in a frame gives nothing the focus, seen or not.
    puppetDo(frame, { puppet: 'focus' });
    await allSaid(frame);
    frame.focus();
    expect(document.activeElement).to.equal(field);
    await sendKeys({ type: 'a' });
    expect(field.value).to.equal('a');
  });

  it('gives the focus to it with the click, and takes keys there', async () => {
    const { button, frame } = await mountLoaded();
    click(button);
    expect(document.activeElement).to.equal(frame);
    // The stand-in's page begins with its input.
    await sendKeys({ press: 'Tab' });
    await nextPuppetMessage('focused', frame);
    await sendKeys({ type: 'a' });
    expect((await nextPuppetMessage('typed', frame)).value).to.equal('a');
  });

  it('hears nothing of what it says before the click', async () => {
    const { button, frame } = await mountLoaded();
    const { names } = recordEvents(button);
    succeed(frame);
    puppetSay(frame, { messageType: 'LINK_ERROR', message: 'no' });
    exit(frame);
    await allSaid(frame);
    expect(names).to.deep.equal([]);
    expect(theFrame()).to.equal(frame);
    click(button);
    const made = nextEvent('pica-success', button);
    succeed(frame, record('live::gmail::default::after'));
    expect((await made).detail.connection.key).to.equal('live::gmail::default::after');
    expect(names).to.deep.equal(['pica-open', 'pica-success']);
  });

  it('lets the page scroll and be used until the click', async () => {
    await mountLoaded();
    expect(getComputedStyle(document.documentElement).overflow).to.equal('visible');
    expect(modalDialog()?.matches(':modal')).to.equal(false);
  });

  it('goes on with what is still loading at the click', async () => {
    const { button, name } = await mountAhead();
    await puppetControl(name, { delay: 500 });
    expectClick(button);
    await until(() => authkitFrame() !== null);
    const frame = theFrame();
    click(button);
    expect(button.status).to.equal('loading');
    await until(() => button.status === 'open');
    expect(theFrame()).to.equal(frame);
    expect(await puppetRequests(name)).to.have.length(1);
  });

  it('gives it up "timeout" seconds after the click where it never loads', async () => {
    const { button, name } = await mountAhead({ timeout: 0.2 });
    await puppetControl(name, { hang: true });
    expectClick(button);
    await until(() => authkitFrame() !== null);
    const { names, events } = recordEvents(button);
    expect(await button.open()).to.equal(null);
    expect(names).to.deep.equal(['pica-open', 'pica-error', 'pica-close']);
    expect((events[1] as HTMLElementEventMap['pica-error']).detail.error.code).to.equal(
      'authkit-unreachable',
    );
  });

  describe('throws it away', () => {
    it('after a minute without a click', async () => {
      let end: (() => void) | undefined;
      const stop = spyOn(window, 'setTimeout', (_, [callback, milliseconds]) => {
        if (milliseconds === 60_000) end = callback as () => void;
      });
      const { button, name } = await mountLoaded().finally(stop);
      const { names } = recordEvents(button);
      const nodes = document.querySelectorAll('[data-pica-connect-modal]').length;
      end?.();
      expect(nodes).to.equal(1);
      expect(document.querySelector('[data-pica-connect-modal]')).to.equal(null);
      expect(names).to.deep.equal([]);
      expectClick(button);
      await loadedAhead(name);
    });

    it('not under the user, a minute after it was opened', async () => {
      let end: (() => void) | undefined;
      const stop = spyOn(window, 'setTimeout', (_, [callback, milliseconds]) => {
        if (milliseconds === 60_000) end = callback as () => void;
      });
      const { button } = await mountLoaded().finally(stop);
      click(button);
      end?.();
      expect(button.status).to.equal('open');
    });

    const changes: Partial<PicaConnectButton>[] = [
      { tokenUrl: `${endpoints}/another/token` },
      { tokenHeaders: { 'x-user-id': '2' } },
      { tokenHeaders: () => ({}) },
      { tokenCheck: 'off' },
      { baseUrl: 'https://authkit.example' },
      { selectedConnection: 'Slack' },
      { appTheme: 'dark' },
      { modalTitle: 'Connect' },
      { imageUrl: 'https://example.com/logo.png' },
      { companyName: 'Lumen' },
      { showNameInput: true },
      { timeout: 3 },
      { preload: 'connect' },
      { disabled: true },
    ];
    for (const change of changes) {
      it(`when ${Object.keys(change).join()} is changed to ${describeValue(change)}`, async () => {
        const { button } = await mountLoaded({ appTheme: 'light' });
        Object.assign(button, change);
        await until(() => authkitFrame() === null);
      });
    }

    it('when a fieldset around its button is disabled', async () => {
      const fieldset = mount('<fieldset></fieldset>') as HTMLFieldSetElement;
      const { button, name } = await mountAhead();
      fieldset.append(button);
      expectClick(button);
      await loadedAhead(name);
      fieldset.disabled = true;
      await until(() => authkitFrame() === null);
    });

    it('when its button is removed', async () => {
      const { button } = await mountLoaded();
      button.remove();
      expect(authkitFrame()).to.equal(null);
    });

    it('not when something else about the button changes', async () => {
      const { button, frame } = await mountLoaded();
      button.textContent = 'Connect';
      button.connectionsUrl = '/connections';
      button.dispatchEvent(new FocusEvent('focusin'));
      await button.updateComplete;
      expect(theFrame()).to.equal(frame);
    });

    it('when the page is left', async () => {
      await mountLoaded();
      window.dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }));
      expect(authkitFrame()).to.equal(null);
    });

    it('and opens another when a listener of pica-open changes options', async () => {
      const { button, frame, name } = await mountLoaded();
      button.addEventListener('pica-open', () => {
        button.companyName = 'Lumen';
      });
      click(button);
      expect(frame.isConnected).to.equal(false);
      const { data } = await nextPuppetMessage('loaded', theFrame());
      expect(data?.companyName).to.equal('Lumen');
      expect(await puppetRequests(name)).to.have.length(2);
    });

    it('and opens another when a listener of pica-open gives headers by a function', async () => {
      const { button, frame } = await mountLoaded();
      button.addEventListener('pica-open', () => {
        button.tokenHeaders = () => ({ 'x-user-id': '2' });
      });
      click(button);
      expect(frame.isConnected).to.equal(false);
      await until(() => authkitFrame() !== null);
      const { data } = await nextPuppetMessage('loaded', theFrame());
      expect(data?.linkHeaders).to.deep.equal({ 'x-user-id': '2' });
    });

    it('and opens another when the page that was left is come back to', async () => {
      const { button } = await mountLoaded();
      window.dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }));
      click(button);
      await until(() => button.status === 'open');
    });

    it('and opens another in the colors that the page has at the click', async () => {
      const { button, name } = await mountAhead({ appTheme: 'auto' });
      button.style.colorScheme = 'light';
      expectClick(button);
      const frame = await loadedAhead(name);
      button.style.colorScheme = 'dark';
      click(button);
      expect(frame.isConnected).to.equal(false);
      const { data } = await nextPuppetMessage('loaded', theFrame());
      expect(data?.appTheme).to.equal('dark');
    });
  });

  it('keeps it when a listener of pica-open keeps AuthKit closed', async () => {
    const { button, frame } = await mountLoaded();
    button.addEventListener('pica-open', (event) => event.preventDefault(), { once: true });
    click(button);
    expect(frame.checkVisibility()).to.equal(false);
    click(button);
    expect(theFrame()).to.equal(frame);
    expect(button.status).to.equal('open');
  });

  describe('is not done', () => {
    const nothingLoaded = async (properties: Partial<PicaConnectButton>, isAsked = true) => {
      const { button, name } = await mountAhead(properties);
      expectClick(button);
      await settled(name, isAsked);
      expect(authkitFrame()).to.equal(null);
      expect(await puppetRequests(name)).to.deep.equal([]);
      return { button, name };
    };

    it('where the user saves data', async () => {
      const stop = saveData();
      try {
        await nothingLoaded({});
      } finally {
        stop();
      }
    });

    it('for a disabled button', async () => {
      await nothingLoaded({ disabled: true }, false);
    });

    it('where headers would have to be asked for', async () => {
      let calls = 0;
      const tokenHeaders = () => {
        calls += 1;
        return {};
      };
      const { button } = await nothingLoaded({ tokenHeaders }, false);
      expect(calls).to.equal(0);
      await openAuthKit(button);
      expect(calls).to.equal(1);
    });

    const meanwhile: [string, (button: PicaConnectButton) => void][] = [
      ['is disabled', (button) => (button.disabled = true)],
      ['is told something else', (button) => (button.companyName = 'Lumen')],
    ];
    for (const [what, change] of meanwhile) {
      it(`for a button that ${what} while the token is on its way`, async () => {
        const { button, name } = await mountAhead();
        await control(name, { behaviour: [{ path: 'token', method: 'POST', hold: true }] });
        expectClick(button);
        await nextRequest(name, { method: 'POST', state: 'held' });
        change(button);
        await release(name);
        await settled(name);
        expect(authkitFrame() === null).to.equal(true);
        expect(await puppetRequests(name)).to.deep.equal([]);
      });
    }

    it('while AuthKit is open', async () => {
      const first = await mountButton();
      const { frame } = await openAuthKit(first);
      const { button, name } = await mountAhead();
      expectClick(button);
      await settled(name);
      expect(await puppetRequests(name)).to.deep.equal([]);
      expect(theFrame()).to.equal(frame);
      expect(first.status).to.equal('open');
    });

    it('while the focus comes back from AuthKit', async () => {
      const { button, frame, name } = await mountLoaded();
      button.focus();
      click(button);
      const closed = nextEvent('pica-close', button);
      exit(frame);
      await closed;
      expect(document.activeElement).to.equal(button);
      await settled(name);
      expect(authkitFrame()).to.equal(null);
    });

    it('where the token endpoint gives no token: the click says so', async () => {
      const { button, name } = await mountAhead();
      await control(name, { behaviour: [{ path: 'token', method: 'POST', status: 500 }] });
      const { names } = recordEvents(button);
      expectClick(button);
      await settled(name);
      expect(authkitFrame()).to.equal(null);
      expect(names).to.deep.equal([]);
      const told = nextEvent('pica-error', button);
      click(button);
      expect((await told).detail.error.code).to.equal('token-endpoint-status');
    });
  });

  it('that cannot be reached says nothing until the click', async () => {
    const { button } = await mountAhead({ baseUrl: hangsUp });
    const { names, events } = recordEvents(button);
    expectClick(button);
    await until(() => authkitFrame() !== null);
    await until(() => authkitFrame() === null);
    expect(names).to.deep.equal([]);
    expect(await button.open()).to.equal(null);
    expect(names).to.deep.equal(['pica-open', 'pica-error', 'pica-close']);
    const { error } = (events[1] as HTMLElementEventMap['pica-error']).detail;
    expect(error.code).to.equal('authkit-unreachable');
  });

  it('that refuses frames says nothing until the click', async function () {
    // Firefox 153 and WebKitGTK 2.50 tell nothing of it.
    if (engine !== 'chromium') this.skip();
    const { button, name } = await mountAhead();
    await puppetControl(name, { headers: { 'content-security-policy': "frame-ancestors 'none'" } });
    const { names, events } = recordEvents(button);
    expectClick(button);
    while ((await puppetRequests(name)).length === 0);
    await settled(name);
    expect(names).to.deep.equal([]);
    expect(await button.open()).to.equal(null);
    const { error } = (events[1] as HTMLElementEventMap['pica-error']).detail;
    expect(error.message).to.contain('frame-ancestors');
  });

  describe('with two buttons', () => {
    it('has the page of the one that is about to be clicked', async () => {
      const first = await mountLoaded();
      const second = await mountLoaded();
      expect(first.frame.isConnected).to.equal(false);
      expect(document.querySelectorAll('[data-pica-connect-modal]')).to.have.length(1);
      click(first.button);
      expect(second.frame.isConnected).to.equal(false);
      await until(() => first.button.status === 'open');
      expect(second.button.status).to.equal('idle');
    });

    it('is thrown away when the other opens', async () => {
      const { button, frame } = await mountLoaded();
      const { names } = recordEvents(button);
      const other = await mountButton();
      await openAuthKit(other);
      expect(frame.isConnected).to.equal(false);
      expect(document.querySelectorAll('iframe#event-link')).to.have.length(1);
      expect(names).to.deep.equal([]);
      expect(other.status).to.equal('open');
    });

    it('takes the focus from neither when it is thrown away', async () => {
      const { button } = await mountLoaded();
      const field = mount('<input />') as HTMLInputElement;
      field.focus();
      button.remove();
      expect(document.activeElement).to.equal(field);
    });
  });

  it('leaves nothing behind', async () => {
    const nodes = () => document.querySelectorAll('*').length;
    const { button, name } = await mountAhead();
    const before = nodes();
    for (let opening = 0; opening < 5; opening += 1) {
      expectClick(button);
      const frame = await loadedAhead(name);
      const closed = button.open();
      exit(frame);
      await closed;
    }
    expect(nodes()).to.equal(before);
    expect(await puppetRequests(name)).to.have.length(5);
  });

  describe('in the list', () => {
    it('loads what its Connect would open', async () => {
      const name = uniqueName();
      const list = await mountList({
        preload: 'page',
        tokenUrl: `${endpoints}/${name}/token`,
        baseUrl: puppetUrl(name),
        integrations: [{ platform: 'slack', name: 'Slack' }],
        connections: [],
      });
      const connect = list.shadowRoot?.querySelector<HTMLElement>('[data-action="connect"]');
      if (!connect) throw new Error('There is nothing to connect');
      expectClick(connect);
      await until(() => authkitFrame() !== null);
      const frame = theFrame();
      const { data } = await nextPuppetMessage('loaded', frame);
      expect(data?.selectedConnection).to.equal('Slack');
      connect.click();
      expect(theFrame()).to.equal(frame);
      await until(() => frame.checkVisibility());
      exit(frame);
      await until(() => authkitFrame() === null);
    });
  });
});

function describeValue(change: object): string {
  const [value] = Object.values(change) as unknown[];
  return typeof value === 'function' ? 'a function' : JSON.stringify(value);
}
