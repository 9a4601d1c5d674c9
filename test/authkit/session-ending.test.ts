import { expect } from '@open-wc/testing';
import type { PicaConnectButton } from '../../src/classes.js';
import {
  authkitFrame,
  exit,
  modalDialog,
  mountButton,
  openAuthKit,
  openBare,
  recordEvents,
  requireFrame,
  stage,
  until,
} from '../fixtures/elements.js';
import { puppetControl, uniqueName } from '../fixtures/servers/puppet-client.js';
import { afterAuthKitsTimers, nextTask, closeReason } from '../fixtures/session.js';

describe('a session', () => {
  describe('ends once, with its reason,', () => {
    const endings: [string, string, (button: PicaConnectButton) => unknown][] = [
      ['the user leaves AuthKit', 'user', () => exit(requireFrame())],
      [
        'a script calls close()',
        'api',
        (button) => {
          button.close();
        },
      ],
      [
        'the element is removed',
        'removed',
        (button) => {
          button.remove();
        },
      ],
      ["AuthKit's frame is removed", 'removed', () => authkitFrame()?.remove()],
      [
        'the modal is removed',
        'removed',
        () => document.querySelector('[data-pica-connect-modal]')?.remove(),
      ],
      [
        'the modal is moved, which ends its modal state',
        'removed',
        () => {
          const modal = document.querySelector('[data-pica-connect-modal]');
          if (modal) document.body.append(modal);
        },
      ],
      ['the element is replaced', 'removed', () => (stage.innerHTML = '<p></p>')],
      [
        'the page is left',
        'removed',
        () => window.dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true })),
      ],
      [
        'the element is moved to another document',
        'removed',
        async (button) => {
          const frame = document.createElement('iframe');
          stage.append(frame);
          await nextTask();
          frame.contentDocument?.body.append(button);
        },
      ],
    ];
    for (const [cause, reason, act] of endings) {
      it(`when ${cause}`, async () => {
        const button = await mountButton();
        const { names, events } = recordEvents(button);
        const { closed } = await openAuthKit(button);
        await act(button);
        expect(await closed).to.equal(null);
        button.close();
        await afterAuthKitsTimers();
        expect(names).to.deep.equal(['pica-open', 'pica-close']);
        expect(events[1]?.detail).to.deep.equal({ connection: null, reason });
        expect(authkitFrame()).to.equal(null);
        expect(modalDialog()).to.equal(null);
        expect(button.status).to.equal('idle');
      });
    }

    it('but not on close() with AuthKit alone', async () => {
      let isClosed = false;
      const { authkit: bare } = await openBare({ onClose: () => (isClosed = true) });
      bare.close();
      await afterAuthKitsTimers();
      expect(isClosed).to.equal(false);
    });

    it('even before AuthKit has loaded', async () => {
      const name = uniqueName();
      await puppetControl(name, { hang: true });
      const button = await mountButton({}, name);
      const { names } = recordEvents(button);
      const closed = button.open();
      button.close();
      expect(await closed).to.equal(null);
      expect(names).to.deep.equal(['pica-open', 'pica-close']);
    });

    it('when the modal is removed while the headers are pending', async () => {
      const button = await mountButton({ tokenHeaders: () => new Promise(() => undefined) });
      const closed = button.open();
      await until(() => modalDialog() !== null);
      const reason = closeReason(() =>
        document.querySelector('[data-pica-connect-modal]')?.remove(),
      );
      expect(await reason).to.equal('removed');
      expect(await closed).to.equal(null);
      expect(getComputedStyle(document.documentElement).overflow).to.not.equal('hidden');
    });

    it('but not when a button was removed during an earlier opening', async () => {
      const button = await mountButton();
      const { names } = recordEvents(button);
      void button.open();
      button.remove();
      button.close();
      void button.open();
      await nextTask();
      expect(names).to.deep.equal(['pica-open', 'pica-close', 'pica-open']);
      button.close();
    });

    it('after "timeout" seconds without headers', async () => {
      const button = await mountButton({
        timeout: 0.2,
        tokenHeaders: () => new Promise(() => undefined),
      });
      const { names, events } = recordEvents(button);
      expect(await button.open()).to.equal(null);
      expect(names).to.deep.equal(['pica-open', 'pica-error', 'pica-close']);
      const { error } = (events[1] as HTMLElementEventMap['pica-error']).detail;
      expect(error.code).to.equal('token-headers-invalid');
    });

    it('with the reason "error", even if a listener of the error closes it', async () => {
      const button = await mountButton({ baseUrl: 'javascript:x' });
      const { names, events } = recordEvents(button);
      button.addEventListener('pica-error', () => {
        button.close();
      });
      await button.open();
      expect(names).to.deep.equal(['pica-open', 'pica-error', 'pica-close']);
      expect(events[2]?.detail).to.have.property('reason', 'error');
    });

    it('but does not start, or request headers, when pica-open is prevented', async () => {
      let calls = 0;
      const button = await mountButton({
        tokenHeaders: () => {
          calls += 1;
          return Promise.reject(new Error('signed out'));
        },
      });
      button.addEventListener('pica-open', (event) => {
        event.preventDefault();
      });
      expect(await button.open()).to.equal(null);
      expect(calls).to.equal(0);
    });

    it('while the headers are pending', async () => {
      let provideHeaders!: (headers: Record<string, string>) => void;
      const button = await mountButton({
        tokenHeaders: () => new Promise((resolve) => (provideHeaders = resolve)),
      });
      const { names } = recordEvents(button);
      const closed = button.open();
      await until(() => modalDialog() !== null);
      button.close();
      expect(await closed).to.equal(null);
      provideHeaders({});
      await nextTask();
      expect(authkitFrame()).to.equal(null);
      expect(names).to.deep.equal(['pica-open', 'pica-close']);
    });
  });
});
