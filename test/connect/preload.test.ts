import { expect } from '@open-wc/testing';
import { sendKeys } from '@web/test-runner-commands';
import type { PicaConnectButton } from '../../src/classes.js';
import {
  allMessagesReceived,
  authkitFrame,
  exit,
  hover,
  modalDialog,
  mount,
  mountButton,
  mountList,
  nextEvent,
  openAuthKit,
  record,
  recordEvents,
  succeed,
  requireFrame,
  until,
} from '../fixtures/elements.js';
import { endpoints, engine, hangsUp, isShell } from '../fixtures/servers/origins.js';
import {
  control,
  nextPuppetMessage,
  nextRequest,
  puppetControl,
  puppetDo,
  puppetRequests,
  puppetPost,
  puppetUrl,
  release,
  uniqueName,
} from '../fixtures/servers/puppet-client.js';
import {
  mountPreloading,
  preloadedFrame,
  mountPreloaded,
  click,
  tokenRequests,
  intentSettled,
} from '../fixtures/preloading.js';

/** Simulates a user who has turned on data saving. */
const enableSaveData = (): (() => void) => {
  const own = Object.getOwnPropertyDescriptor(navigator, 'connection');
  Object.defineProperty(navigator, 'connection', { value: { saveData: true }, configurable: true });
  return () => {
    Reflect.deleteProperty(navigator, 'connection');
    if (own) Object.defineProperty(navigator, 'connection', own);
  };
};

describe('preload="page"', () => {
  it('shows the preloaded page on click', async () => {
    const { button, frame, name } = await mountPreloaded();
    expect(frame.checkVisibility()).to.equal(false);
    click(button);
    expect(requireFrame()).to.equal(frame);
    expect(frame.checkVisibility({ visibilityProperty: true })).to.equal(true);
    expect(modalDialog()?.matches(':modal')).to.equal(true);
    expect(button.status).to.equal('open');
    expect(await puppetRequests(name)).to.have.length(1);
  });

  for (const intent of ['pointerover', 'focusin', 'touchstart']) {
    it(`loads the page on ${intent}`, async () => {
      const { button, name } = await mountPreloading();
      button.dispatchEvent(new Event(intent));
      await preloadedFrame(name);
    });
  }

  it('loads the page without a token request if the token check is off', async () => {
    const { button, name } = await mountPreloading({ tokenCheck: 'off' });
    hover(button);
    await preloadedFrame(name);
    expect(await tokenRequests(name)).to.equal(0);
  });

  it('loads the page once, no matter how often intent is detected', async () => {
    const { button, frame, name } = await mountPreloaded();
    hover(button);
    await intentSettled(name);
    expect(requireFrame() === frame).to.equal(true);
    expect(await puppetRequests(name)).to.have.length(1);
  });

  it('connects an account as usual', async () => {
    const { button, frame } = await mountPreloaded();
    const { names, events } = recordEvents(button);
    const closed = button.open();
    const successEvent = nextEvent('pica-success', button);
    succeed(frame);
    await successEvent;
    exit(frame);
    expect((await closed)?.key).to.equal(record().key);
    expect(names).to.deep.equal(['pica-open', 'pica-success', 'pica-close']);
    expect(events[2]?.detail).to.have.property('reason', 'user');
    expect(authkitFrame()).to.equal(null);
  });

  it('requests one token, and none on click', async () => {
    const { button, name } = await mountPreloaded({ selectedConnection: 'Gmail' });
    expect(await tokenRequests(name)).to.equal(1);
    click(button);
    expect(button.status).to.equal('open');
    await intentSettled(name);
    expect(await tokenRequests(name)).to.equal(1);
    expect(await puppetRequests(name)).to.have.length(1);
  });

  it('passes AuthKit’s name of the integration', async () => {
    const { button } = await mountPreloading({ selectedConnection: 'google-calendar' });
    hover(button);
    await until(() => authkitFrame() !== null);
    const { data } = await nextPuppetMessage('loaded', requireFrame());
    expect(data?.selectedConnection).to.equal('Google Calendar');
    const frame = requireFrame();
    click(button);
    expect(requireFrame()).to.equal(frame);
  });

  it('does not let the page take the focus', async function () {
    // Chromium's shell 156 crashes when a hidden frame requests the focus. test/host-pages runs this in the full
    // browser.
    // browser itself.
    if (isShell) this.skip();
    const field = mount('<input />') as HTMLInputElement;
    field.focus();
    const { frame } = await mountPreloaded();
    // In WebKitGTK 2.50, scripts in frames can't move the focus at all, so frame.focus() follows.
    puppetDo(frame, { puppet: 'focus' });
    await allMessagesReceived(frame);
    frame.focus();
    expect(document.activeElement).to.equal(field);
    await sendKeys({ type: 'a' });
    expect(field.value).to.equal('a');
  });

  it('moves the focus into the page on click, and keys go there', async () => {
    const { button, frame } = await mountPreloaded();
    click(button);
    expect(document.activeElement).to.equal(frame);
    // The stand-in's page starts with its input.
    await sendKeys({ press: 'Tab' });
    await nextPuppetMessage('focused', frame);
    await sendKeys({ type: 'a' });
    expect((await nextPuppetMessage('typed', frame)).value).to.equal('a');
  });

  it('ignores the page’s messages before the click', async () => {
    const { button, frame } = await mountPreloaded();
    const { names } = recordEvents(button);
    succeed(frame);
    puppetPost(frame, { messageType: 'LINK_ERROR', message: 'no' });
    exit(frame);
    await allMessagesReceived(frame);
    expect(names).to.deep.equal([]);
    expect(requireFrame()).to.equal(frame);
    click(button);
    const successEvent = nextEvent('pica-success', button);
    succeed(frame, record('live::gmail::default::after'));
    expect((await successEvent).detail.connection.key).to.equal('live::gmail::default::after');
    expect(names).to.deep.equal(['pica-open', 'pica-success']);
  });

  it('keeps the host page scrollable and usable until the click', async () => {
    await mountPreloaded();
    expect(getComputedStyle(document.documentElement).overflow).to.equal('visible');
    expect(modalDialog()?.matches(':modal')).to.equal(false);
  });

  it('continues with a page that is still loading at the click', async () => {
    const { button, name } = await mountPreloading();
    await puppetControl(name, { delay: 500 });
    hover(button);
    await until(() => authkitFrame() !== null);
    const frame = requireFrame();
    click(button);
    expect(button.status).to.equal('loading');
    await until(() => button.status === 'open');
    expect(requireFrame()).to.equal(frame);
    expect(await puppetRequests(name)).to.have.length(1);
  });

  it('reports an error "timeout" seconds after the click if the page never loads', async () => {
    const { button, name } = await mountPreloading({ timeout: 0.2 });
    await puppetControl(name, { hang: true });
    hover(button);
    await until(() => authkitFrame() !== null);
    const { names, events } = recordEvents(button);
    expect(await button.open()).to.equal(null);
    expect(names).to.deep.equal(['pica-open', 'pica-error', 'pica-close']);
    expect((events[1] as HTMLElementEventMap['pica-error']).detail.error.code).to.equal(
      'authkit-unreachable',
    );
  });

  describe('does not load the page', () => {
    const expectNoPreload = async (properties: Partial<PicaConnectButton>, isAsked = true) => {
      const { button, name } = await mountPreloading(properties);
      hover(button);
      await intentSettled(name, isAsked);
      expect(authkitFrame()).to.equal(null);
      expect(await puppetRequests(name)).to.deep.equal([]);
      return { button, name };
    };

    it('if the user has turned on data saving', async () => {
      const stop = enableSaveData();
      try {
        await expectNoPreload({});
      } finally {
        stop();
      }
    });

    it('for a disabled button', async () => {
      await expectNoPreload({ disabled: true }, false);
    });

    it('if a function provides the headers, since it is called only on click', async () => {
      let calls = 0;
      const tokenHeaders = () => {
        calls += 1;
        return {};
      };
      const { button } = await expectNoPreload({ tokenHeaders }, false);
      expect(calls).to.equal(0);
      await openAuthKit(button);
      expect(calls).to.equal(1);
    });

    const changes: [string, (button: PicaConnectButton) => void][] = [
      ['is disabled', (button) => (button.disabled = true)],
      ['gets other options', (button) => (button.companyName = 'Lumen')],
    ];
    for (const [description, change] of changes) {
      it(`for a button that ${description} while the token request is pending`, async () => {
        const { button, name } = await mountPreloading();
        await control(name, { behaviour: [{ path: 'token', method: 'POST', hold: true }] });
        hover(button);
        await nextRequest(name, { method: 'POST', state: 'held' });
        change(button);
        await release(name);
        await intentSettled(name);
        expect(authkitFrame() === null).to.equal(true);
        expect(await puppetRequests(name)).to.deep.equal([]);
      });
    }

    it('while AuthKit is open', async () => {
      const first = await mountButton();
      const { frame } = await openAuthKit(first);
      const { button, name } = await mountPreloading();
      hover(button);
      await intentSettled(name);
      expect(await puppetRequests(name)).to.deep.equal([]);
      expect(requireFrame()).to.equal(frame);
      expect(first.status).to.equal('open');
    });

    it('when the focus returns from AuthKit', async () => {
      const { button, frame, name } = await mountPreloaded();
      button.focus();
      click(button);
      const closed = nextEvent('pica-close', button);
      exit(frame);
      await closed;
      expect(document.activeElement).to.equal(button);
      await intentSettled(name);
      expect(authkitFrame()).to.equal(null);
    });

    it('if the token check fails, which is reported on click', async () => {
      const { button, name } = await mountPreloading();
      await control(name, { behaviour: [{ path: 'token', method: 'POST', status: 500 }] });
      const { names } = recordEvents(button);
      hover(button);
      await intentSettled(name);
      expect(authkitFrame()).to.equal(null);
      expect(names).to.deep.equal([]);
      const errorEvent = nextEvent('pica-error', button);
      click(button);
      expect((await errorEvent).detail.error.code).to.equal('token-endpoint-status');
    });
  });

  it('reports an unreachable page only on click', async () => {
    const { button } = await mountPreloading({ baseUrl: hangsUp });
    const { names, events } = recordEvents(button);
    hover(button);
    await until(() => authkitFrame() !== null);
    await until(() => authkitFrame() === null);
    expect(names).to.deep.equal([]);
    expect(await button.open()).to.equal(null);
    expect(names).to.deep.equal(['pica-open', 'pica-error', 'pica-close']);
    const { error } = (events[1] as HTMLElementEventMap['pica-error']).detail;
    expect(error.code).to.equal('authkit-unreachable');
  });

  it('reports a page that refuses frames only on click', async function () {
    // Firefox 153 and WebKitGTK 2.50 don't notify the page.
    if (engine !== 'chromium') this.skip();
    const { button, name } = await mountPreloading();
    await puppetControl(name, { headers: { 'content-security-policy': "frame-ancestors 'none'" } });
    const { names, events } = recordEvents(button);
    hover(button);
    while ((await puppetRequests(name)).length === 0);
    await intentSettled(name);
    expect(names).to.deep.equal([]);
    expect(await button.open()).to.equal(null);
    const { error } = (events[1] as HTMLElementEventMap['pica-error']).detail;
    expect(error.message).to.contain('frame-ancestors');
  });

  describe('in a list', () => {
    it('loads the page that Connect would open', async () => {
      const name = uniqueName();
      const list = await mountList({
        preload: 'page',
        tokenUrl: `${endpoints}/${name}/token`,
        baseUrl: puppetUrl(name),
        integrations: [{ platform: 'slack', name: 'Slack' }],
        connections: [],
      });
      const connectButton = list.shadowRoot?.querySelector<HTMLElement>('[data-action="connect"]');
      if (!connectButton) throw new Error('There is nothing to connect');
      hover(connectButton);
      await until(() => authkitFrame() !== null);
      const frame = requireFrame();
      const { data } = await nextPuppetMessage('loaded', frame);
      expect(data?.selectedConnection).to.equal('Slack');
      connectButton.click();
      expect(requireFrame()).to.equal(frame);
      await until(() => frame.checkVisibility());
      exit(frame);
      await until(() => authkitFrame() === null);
    });
  });
});
