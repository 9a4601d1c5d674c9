import { expect } from '@open-wc/testing';
import type { PicaConnectButton } from '../../src/classes.js';
import {
  authkitFrame,
  exit,
  hover,
  mount,
  mountButton,
  openAuthKit,
  recordEvents,
  spyOn,
  requireFrame,
  until,
} from '../fixtures/elements.js';
import { endpoints } from '../fixtures/servers/origins.js';
import { nextPuppetMessage, puppetRequests } from '../fixtures/servers/puppet-client.js';
import { mountPreloading, preloadedFrame, mountPreloaded, click } from '../fixtures/preloading.js';

function describeValue(change: object): string {
  const [value] = Object.values(change) as unknown[];
  return typeof value === 'function' ? 'a function' : JSON.stringify(value);
}

describe('preload="page"', () => {
  describe('discards the preloaded page', () => {
    it('after a minute without a click', async () => {
      let discard: (() => void) | undefined;
      const stop = spyOn(window, 'setTimeout', (_, [callback, milliseconds]) => {
        if (milliseconds === 60_000) discard = callback as () => void;
      });
      const { button, name } = await mountPreloaded().finally(stop);
      const { names } = recordEvents(button);
      const nodes = document.querySelectorAll('[data-pica-connect-modal]').length;
      discard?.();
      expect(nodes).to.equal(1);
      expect(document.querySelector('[data-pica-connect-modal]')).to.equal(null);
      expect(names).to.deep.equal([]);
      hover(button);
      await preloadedFrame(name);
    });

    it('but not while it is open, even after a minute', async () => {
      let discard: (() => void) | undefined;
      const stop = spyOn(window, 'setTimeout', (_, [callback, milliseconds]) => {
        if (milliseconds === 60_000) discard = callback as () => void;
      });
      const { button } = await mountPreloaded().finally(stop);
      click(button);
      discard?.();
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
        const { button } = await mountPreloaded({ appTheme: 'light' });
        Object.assign(button, change);
        await until(() => authkitFrame() === null);
      });
    }

    it('when a fieldset around its button is disabled', async () => {
      const fieldset = mount('<fieldset></fieldset>') as HTMLFieldSetElement;
      const { button, name } = await mountPreloading();
      fieldset.append(button);
      hover(button);
      await preloadedFrame(name);
      fieldset.disabled = true;
      await until(() => authkitFrame() === null);
    });

    it('when the button is removed', async () => {
      const { button } = await mountPreloaded();
      button.remove();
      expect(authkitFrame()).to.equal(null);
    });

    it('but not when other properties of the button change', async () => {
      const { button, frame } = await mountPreloaded();
      button.textContent = 'Connect';
      button.connectionsUrl = '/connections';
      button.dispatchEvent(new FocusEvent('focusin'));
      await button.updateComplete;
      expect(requireFrame()).to.equal(frame);
    });

    it('when the page is left', async () => {
      await mountPreloaded();
      window.dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }));
      expect(authkitFrame()).to.equal(null);
    });

    it('and loads a new one when a listener of pica-open changes options', async () => {
      const { button, frame, name } = await mountPreloaded();
      button.addEventListener('pica-open', () => {
        button.companyName = 'Lumen';
      });
      click(button);
      expect(frame.isConnected).to.equal(false);
      const { data } = await nextPuppetMessage('loaded', requireFrame());
      expect(data?.companyName).to.equal('Lumen');
      expect(await puppetRequests(name)).to.have.length(2);
    });

    it('and loads a new one when a listener of pica-open sets a headers function', async () => {
      const { button, frame } = await mountPreloaded();
      button.addEventListener('pica-open', () => {
        button.tokenHeaders = () => ({ 'x-user-id': '2' });
      });
      click(button);
      expect(frame.isConnected).to.equal(false);
      await until(() => authkitFrame() !== null);
      const { data } = await nextPuppetMessage('loaded', requireFrame());
      expect(data?.linkHeaders).to.deep.equal({ 'x-user-id': '2' });
    });

    it('and loads a new one after the user returns to the page', async () => {
      const { button } = await mountPreloaded();
      window.dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }));
      click(button);
      await until(() => button.status === 'open');
    });

    it('and loads a new one when the color scheme has changed by the click', async () => {
      const { button, name } = await mountPreloading({ appTheme: 'auto' });
      button.style.colorScheme = 'light';
      hover(button);
      const frame = await preloadedFrame(name);
      button.style.colorScheme = 'dark';
      click(button);
      expect(frame.isConnected).to.equal(false);
      const { data } = await nextPuppetMessage('loaded', requireFrame());
      expect(data?.appTheme).to.equal('dark');
    });
  });

  it('keeps the preloaded page when pica-open is prevented', async () => {
    const { button, frame } = await mountPreloaded();
    button.addEventListener('pica-open', (event) => event.preventDefault(), { once: true });
    click(button);
    expect(frame.checkVisibility()).to.equal(false);
    click(button);
    expect(requireFrame()).to.equal(frame);
    expect(button.status).to.equal('open');
  });

  describe('with two buttons', () => {
    it('keeps only the page of the button that is about to be clicked', async () => {
      const first = await mountPreloaded();
      const second = await mountPreloaded();
      expect(first.frame.isConnected).to.equal(false);
      expect(document.querySelectorAll('[data-pica-connect-modal]')).to.have.length(1);
      click(first.button);
      expect(second.frame.isConnected).to.equal(false);
      await until(() => first.button.status === 'open');
      expect(second.button.status).to.equal('idle');
    });

    it('discards the page when the other button opens AuthKit', async () => {
      const { button, frame } = await mountPreloaded();
      const { names } = recordEvents(button);
      const other = await mountButton();
      await openAuthKit(other);
      expect(frame.isConnected).to.equal(false);
      expect(document.querySelectorAll('iframe#event-link')).to.have.length(1);
      expect(names).to.deep.equal([]);
      expect(other.status).to.equal('open');
    });

    it('does not move the focus when it discards the page', async () => {
      const { button } = await mountPreloaded();
      const field = mount('<input />') as HTMLInputElement;
      field.focus();
      button.remove();
      expect(document.activeElement).to.equal(field);
    });
  });

  it('leaves nothing behind', async () => {
    const nodes = () => document.querySelectorAll('*').length;
    const { button, name } = await mountPreloading();
    const before = nodes();
    for (let opening = 0; opening < 5; opening += 1) {
      hover(button);
      const frame = await preloadedFrame(name);
      const closed = button.open();
      exit(frame);
      await closed;
    }
    expect(nodes()).to.equal(before);
    expect(await puppetRequests(name)).to.have.length(5);
  });
});
