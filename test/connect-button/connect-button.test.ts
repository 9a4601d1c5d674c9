import { expect } from '@open-wc/testing';
import { sendKeys } from '@web/test-runner-commands';
import type { PropertyValues } from 'lit';
import { PicaConnectButton } from '../../src/classes.js';
import {
  authkitFrame,
  exit,
  mount,
  mountButton,
  nextEvent,
  openAuthKit,
  part,
  record,
  recordEvents,
  stage,
  succeed,
  until,
  visibleFrame,
} from '../fixtures/elements.js';
import { endpoints } from '../fixtures/servers/origins.js';
import {
  nextPuppetMessage,
  puppetControl,
  puppetPost,
  puppetUrl,
  uniqueName,
} from '../fixtures/servers/puppet-client.js';

describe('<pica-connect-button>', () => {
  describe('has a label that', () => {
    const labelOf = async (markup: string) => {
      const button = mount(markup) as PicaConnectButton;
      await button.updateComplete;
      return part(button, 'label').innerText.trim() || button.innerText.trim();
    };

    it('is "Connect" by default', async () => {
      expect(await labelOf('<pica-connect-button></pica-connect-button>')).to.equal('Connect');
    });

    it('names the selected integration', async () => {
      const markup = '<pica-connect-button selected-connection="Gmail"></pica-connect-button>';
      expect(await labelOf(markup)).to.equal('Connect Gmail');
    });

    it('is the content of the element', async () => {
      expect(await labelOf('<pica-connect-button>Link mail</pica-connect-button>')).to.equal(
        'Link mail',
      );
    });

    it('is the default if the element contains only white space', async () => {
      const button = mount('<pica-connect-button>\n  </pica-connect-button>') as PicaConnectButton;
      await button.updateComplete;
      await until(() => part(button, 'label').innerText.trim() === 'Connect');
    });

    it('leaves space for an icon only if there is one', async () => {
      const button = await mountButton();
      expect(part(button, 'icon').offsetWidth).to.equal(0);
      button.innerHTML = '<svg slot="icon" viewBox="0 0 1 1"></svg>';
      await until(() => part(button, 'icon').offsetWidth > 0);
    });
  });

  describe('has properties that', () => {
    it('work if they were set before the element was defined', async () => {
      const tag = 'late-connect-button';
      const late = document.createElement(tag) as PicaConnectButton;
      late.selectedConnection = 'Slack';
      late.tokenUrl = '/api/token';
      late.disabled = true;
      customElements.define(tag, class extends PicaConnectButton {});
      document.body.append(late);
      customElements.upgrade(late);
      await late.updateComplete;
      expect(late.tokenUrl).to.equal('/api/token');
      expect(late.matches('[disabled]')).to.equal(true);
      expect(part(late, 'label').innerText).to.contain('Connect Slack');
      late.remove();
    });

    it('follow their attributes', async () => {
      const button = mount(`<pica-connect-button
        token-url="https://example.com/token" token-headers='{"x-user-id":"7"}'
        selected-connection="Gmail" base-url="https://authkit.example" app-theme="dark"
        modal-title="Hello" image-url="https://example.com/i.png" company-name="Acme"
        show-name-input timeout="3"></pica-connect-button>`) as PicaConnectButton;
      await button.updateComplete;
      expect(button.tokenUrl).to.equal('https://example.com/token');
      expect(button.tokenHeaders).to.deep.equal({ 'x-user-id': '7' });
      expect(button.selectedConnection).to.equal('Gmail');
      expect(button.baseUrl).to.equal('https://authkit.example');
      expect(button.appTheme).to.equal('dark');
      expect(button.modalTitle).to.equal('Hello');
      expect(button.imageUrl).to.equal('https://example.com/i.png');
      expect(button.companyName).to.equal('Acme');
      expect(button.showNameInput).to.equal(true);
      expect(button.timeout).to.equal(3);
    });

    const names = ['outbox', 'tokenCheck', 'appTheme', 'timeout', 'preload', 'identity'] as const;
    const defaults = ['auto', 'auto', 'auto', 15, 'connect', null];

    it('start with the defaults in each button', () => {
      const [first, second] = [new PicaConnectButton(), new PicaConnectButton()];
      first.timeout = 3;
      first.preload = 'none';
      expect(names.map((name) => second[name])).to.deep.equal(defaults);
    });

    it('return to their defaults without their attributes', async () => {
      const button = mount(`<pica-connect-button outbox="off" token-check="off" app-theme="dark"
        timeout="3" preload="none" identity="7"></pica-connect-button>`) as PicaConnectButton;
      await button.updateComplete;
      for (const name of button.getAttributeNames()) button.removeAttribute(name);
      expect(names.map((name) => button[name])).to.deep.equal(defaults);
    });

    it('reach AuthKit without anything else', async () => {
      const name = uniqueName();
      const button = await mountButton(
        {
          tokenHeaders: { 'x-user-id': '7' },
          selectedConnection: 'Gmail',
          modalTitle: 'Hello',
          imageUrl: 'https://example.com/i.png',
          companyName: 'Acme',
          showNameInput: true,
          appTheme: 'dark',
        },
        name,
      );
      void button.open();
      const { data } = await nextPuppetMessage('loaded');
      expect(data).to.deep.equal({
        linkTokenEndpoint: `${endpoints}/${name}/token`,
        linkHeaders: { 'x-user-id': '7' },
        selectedConnection: 'Gmail',
        title: 'Hello',
        imageUrl: 'https://example.com/i.png',
        companyName: 'Acme',
        showNameInput: true,
        appTheme: 'dark',
      });
    });

    it('give AuthKit the page’s color scheme by default', async () => {
      const button = await mountButton();
      button.style.colorScheme = 'dark';
      void button.open();
      const { data } = await nextPuppetMessage('loaded');
      expect(data).to.have.property('appTheme', 'dark');
    });
  });

  describe('when an account is connected', () => {
    it('dispatches events, changes its status and resolves its promise', async () => {
      const button = await mountButton({ selectedConnection: 'Gmail' });
      const { names, events } = recordEvents(document);
      const statuses: string[] = [button.status];
      const closed = button.open();
      statuses.push(button.status);
      expect(button.loading).to.equal(true);
      const { frame } = await openAuthKit(button);
      statuses.push(button.status);
      expect(button.loading).to.equal(false);
      succeed(frame, record());
      await nextEvent('pica-success');
      exit(frame);
      const connection = await closed;
      statuses.push(button.status);

      expect(names).to.deep.equal(['pica-open', 'pica-success', 'pica-close']);
      expect(statuses).to.deep.equal(['idle', 'loading', 'open', 'idle']);
      expect(events[0]?.detail).to.deep.equal({ selectedConnection: 'Gmail' });
      expect(connection).to.deep.include({
        key: 'live::gmail::default::abc123',
        platform: 'gmail',
        environment: 'live',
        state: 'operational',
      });
      expect(events[2]?.detail).to.deep.equal({ connection, reason: 'user' });
    });

    it('resolves with the last of several connections', async () => {
      const button = await mountButton();
      const { frame, closed } = await openAuthKit(button);
      succeed(frame, record('live::gmail::default::one'));
      succeed(frame, record('live::slack::default::two', { platform: 'slack' }));
      exit(frame);
      expect(await closed).to.have.property('key', 'live::slack::default::two');
    });

    it('resolves with null without a connection', async () => {
      const button = await mountButton();
      const { frame, closed } = await openAuthKit(button);
      exit(frame);
      expect(await closed).to.equal(null);
    });

    it('reports AuthKit’s error message and stays open', async () => {
      const button = await mountButton();
      const { frame } = await openAuthKit(button);
      const errorEvent = nextEvent('pica-error');
      puppetPost(frame, { messageType: 'LINK_ERROR', message: 'Access was denied' });
      const { error } = (await errorEvent).detail;
      expect(error.code).to.equal('connection-failed');
      expect(error.message).to.contain('Access was denied');
      expect(error.cause).to.equal('Access was denied');
      expect(button.status).to.equal('open');
    });

    for (const reason of ['', undefined, 7, { words: 'no' }]) {
      it(`reports ${JSON.stringify(reason)} as a failure without a reason`, async () => {
        const button = await mountButton();
        const { frame } = await openAuthKit(button);
        const errorEvent = nextEvent('pica-error', button);
        puppetPost(frame, { messageType: 'LINK_ERROR', message: reason });
        const { message, hint, cause } = (await errorEvent).detail.error;
        expect(message).to.equal('AuthKit could not connect the account: no reason given');
        expect(hint).not.to.contain('allow-popups');
        expect(cause).to.deep.equal(reason);
      });
    }

    it('does not open when pica-open is prevented', async () => {
      const button = await mountButton();
      button.addEventListener('pica-open', (event) => {
        event.preventDefault();
      });
      const { names } = recordEvents(button);
      expect(await button.open()).to.equal(null);
      expect(names).to.deep.equal(['pica-open']);
      expect(button.status).to.equal('idle');
    });
  });

  describe('when used', () => {
    it('opens on click', async () => {
      const button = await mountButton();
      part(button, 'button').click();
      expect(button.status).to.equal('loading');
    });

    for (const [name, key] of [
      ['Enter', 'Enter'],
      ['Space', ' '],
    ] as const) {
      it(`opens on ${name}`, async () => {
        const button = await mountButton();
        button.focus();
        await sendKeys({ press: key });
        expect(button.status).to.not.equal('idle');
      });
    }

    it('can be reached with Tab', async () => {
      const button = await mountButton();
      const before = document.createElement('button');
      button.before(before);
      before.focus();
      await sendKeys({ press: 'Tab' });
      expect(document.activeElement).to.equal(button);
    });

    it('opens on the invoker command --open', async () => {
      const button = await mountButton();
      // What a polyfill does in browsers without invoker commands.
      button.dispatchEvent(Object.assign(new Event('command'), { command: '--open' }));
      expect(button.status).to.equal('loading');
    });

    it('opens through <button command> if the browser supports it', async function () {
      if (!('command' in HTMLButtonElement.prototype)) {
        // WebKitGTK 2.50 doesn't support invoker commands.
        this.skip();
      }
      const button = await mountButton();
      button.id = 'target';
      const invoker = mount('<button command="--open" commandfor="target">Open</button>');
      (invoker as HTMLButtonElement).click();
      expect(button.status).to.equal('loading');
    });

    it('ignores other commands', async () => {
      const button = await mountButton();
      button.dispatchEvent(Object.assign(new Event('command'), { command: '--close' }));
      expect(button.status).to.equal('idle');
    });

    it('does nothing while it is disabled', async () => {
      const button = await mountButton({ disabled: true });
      part(button, 'button').click();
      button.dispatchEvent(Object.assign(new Event('command'), { command: '--open' }));
      expect(await button.open()).to.equal(null);
      expect(authkitFrame()).to.equal(null);
    });

    it('does nothing if AuthKit is already open', async () => {
      const button = await mountButton();
      const { names } = recordEvents(button);
      const first = button.open();
      expect(button.open()).to.equal(first);
      await visibleFrame();
      expect(button.open()).to.equal(first);
      expect(document.querySelectorAll('iframe#event-link')).to.have.length(1);
      expect(names).to.deep.equal(['pica-open']);
    });

    it('closes through close(), with the reason "api"', async () => {
      const button = await mountButton();
      const { closed } = await openAuthKit(button);
      const closeEvent = nextEvent('pica-close');
      button.close();
      expect((await closeEvent).detail.reason).to.equal('api');
      expect(await closed).to.equal(null);
      expect(authkitFrame()).to.equal(null);
    });
  });

  describe('when rendered', () => {
    it('reflects the status', async () => {
      const button = await mountButton();
      expect(button.getAttribute('status')).to.equal('idle');
      void button.open();
      await button.updateComplete;
      expect(button.getAttribute('status')).to.equal('loading');
    });

    it('keeps its width and label while AuthKit loads', async () => {
      const name = uniqueName();
      await puppetControl(name, { hang: true });
      const button = await mountButton({ selectedConnection: 'Gmail' }, name);
      const { width } = button.getBoundingClientRect();
      void button.open();
      await button.updateComplete;
      expect(part(button, 'spinner')).to.not.equal(null);
      expect(part(button, 'button').ariaBusy).to.equal('true');
      expect(button.getBoundingClientRect().width).to.equal(width);
      expect(part(button, 'label').innerText).to.contain('Connect Gmail');
    });

    for (const scheme of ['light', 'dark']) {
      it(`passes axe in ${scheme}`, async () => {
        const button = await mountButton();
        stage.style.cssText = `color-scheme: ${scheme}; background: Canvas; color: CanvasText`;
        await expect(button).to.be.accessible();
        stage.removeAttribute('style');
      });
    }
  });

  it('renders once, whatever it contains, and again only when a property changes', async () => {
    let count = 0;
    class Counting extends PicaConnectButton {
      protected override updated(changed: PropertyValues): void {
        super.updated(changed);
        count += 1;
      }
    }
    customElements.define('counting-button', Counting);
    const button = mount(
      '<counting-button selected-connection="Gmail">Link mail</counting-button>',
    ) as Counting;
    await nextEvent('slotchange', button.renderRoot);
    await button.updateComplete;
    expect(count).to.equal(1);
    button.selectedConnection = 'Slack';
    await button.updateComplete;
    expect(count).to.equal(2);
    button.remove();
  });

  it('is no taller than its inner button without a message', async () => {
    const button = await mountButton();
    expect(button.offsetHeight).to.equal(part(button, 'button').offsetHeight);
  });

  it('never throws on unknown or empty attributes', async () => {
    const button = mount(
      `<PICA-CONNECT-BUTTON tokenUrl="/x" TIMEOUT="soon" token-headers base-url="" app-theme="pink"
        status="open" show-name-input="no"></PICA-CONNECT-BUTTON>`,
    ) as PicaConnectButton;
    await button.updateComplete;
    button.setAttribute('base-url', puppetUrl(uniqueName()));
    expect(button.status).to.equal('idle');
    button.tokenUrl = '/token';
    void button.open();
    await nextPuppetMessage('loaded');
  });
});
