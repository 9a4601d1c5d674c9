import { expect } from '@open-wc/testing';
import type * as PicaConnect from '../../src/classes.js';
import type { PicaConnectButton } from '../../src/classes.js';
import {
  addUnrelatedFrame,
  authkitFrame,
  createBare,
  exit,
  modalButton,
  modalDialog,
  mount,
  mountButton,
  nextEvent,
  openAuthKit,
  openBare,
  recordEvents,
  stage,
  spyOn,
  succeed,
  addedFrame,
  until,
} from '../fixtures/elements.js';
import { authkit } from '../fixtures/servers/origins.js';
import {
  nextPuppetMessage,
  puppetControl,
  puppetDo,
  puppetRequests,
  puppetUrl,
  uniqueName,
} from '../fixtures/servers/puppet-client.js';
import { afterAuthKitsTimers, nextTask, closeReason } from '../fixtures/session.js';

/** Lists an error's fields, which JSON.stringify would skip. */
const describeDeep = ([name, value]: [string, unknown]): unknown[] =>
  value instanceof Error
    ? [name, value.message, value.stack, String(value.cause), Object.entries(value)]
    : [name, value];

/** Tracks the listeners on window and document, and the observers, that are added from now on. */
const trackListeners = () => {
  const active = new Map<string, Set<unknown>>();
  const add = (kind: string, target: unknown) => {
    active.set(kind, (active.get(kind) ?? new Set()).add(target));
  };
  // Removals of anything else are ignored: a request of an earlier test may end in the meantime.
  const remove = (kind: string, target: unknown) => {
    active.get(kind)?.delete(target);
  };
  const forListener =
    (track: typeof remove) =>
    (self: unknown, [type, listener]: unknown[]) => {
      // A plain addEventListener() call targets window.
      if (self === window || self === undefined) track(`window ${String(type)}`, listener);
      if (self === document) track(`document ${String(type)}`, listener);
    };
  const stops = [
    spyOn(EventTarget.prototype, 'addEventListener', forListener(add)),
    spyOn(EventTarget.prototype, 'removeEventListener', forListener(remove)),
    spyOn(MutationObserver.prototype, 'observe', (self) => add('observer', self)),
    spyOn(MutationObserver.prototype, 'disconnect', (self) => remove('observer', self)),
  ];
  return {
    open: () =>
      [...active].flatMap(([what, { size }]) => (size > 0 ? [`${what}: ${String(size)}`] : [])),
    stop: () => {
      for (const stop of stops) stop();
    },
  };
};

describe('a session', () => {
  describe('is the only one in the document', () => {
    it('when another button opens, by closing the first with "api"', async () => {
      const [first, second] = [await mountButton(), await mountButton()];
      first.id = 'first';
      second.id = 'second';
      const events: string[] = [];
      for (const name of ['pica-open', 'pica-close']) {
        stage.addEventListener(name, (event) =>
          events.push(`${(event.target as Element).id} ${name}`),
        );
      }
      const { closed } = await openAuthKit(first);
      const reason = closeReason(() => undefined, first);
      void second.open();
      expect(await reason).to.equal('api');
      expect(await closed).to.equal(null);
      expect(events).to.deep.equal(['first pica-open', 'second pica-open', 'first pica-close']);
      await addedFrame();
      expect(document.querySelectorAll('iframe#event-link')).to.have.length(1);
      expect(document.querySelectorAll('[data-pica-connect-modal]')).to.have.length(1);
      expect([first.status, second.status]).to.deep.equal(['idle', 'loading']);
    });

    it('but not with AuthKit alone, which adds two frames with one id', () => {
      const [first, second] = [createBare(), createBare()];
      first.open();
      second.open();
      expect(document.querySelectorAll('#event-link')).to.have.length(2);
    });

    it('when a close listener opens a third, which then stays open', async () => {
      const [first, second, third] = [
        await mountButton(),
        await mountButton(),
        await mountButton(),
      ];
      await openAuthKit(first);
      first.addEventListener('pica-close', () => void third.open());
      const reason = closeReason(() => undefined, second);
      void second.open();
      expect(await reason).to.equal('api');
      expect([first, second, third].map(({ status }) => status)).to.deep.equal([
        'idle',
        'idle',
        'loading',
      ]);
      await addedFrame();
      expect(document.querySelectorAll('iframe#event-link')).to.have.length(1);
    });

    it('when two copies of the library are on the page', async () => {
      const copyUrl = '/dist/pica-connect.min.js';
      await import(copyUrl);
      const other = (window.PicaConnect ?? {}) as Partial<typeof PicaConnect>;
      if (!other.PicaConnectButton) throw new Error('The one-file build has not been built');
      class OtherButton extends other.PicaConnectButton {}
      if (!customElements.get('other-connect-button')) {
        customElements.define('other-connect-button', OtherButton);
      }
      const first = await mountButton();
      const second = mount('<other-connect-button></other-connect-button>') as PicaConnectButton;
      second.baseUrl = puppetUrl(uniqueName());
      second.tokenUrl = first.tokenUrl;
      await openAuthKit(first);
      expect(await closeReason(() => void second.open(), first)).to.equal('api');
      expect(document.querySelectorAll('iframe#event-link')).to.have.length(1);
      await until(() => second.status === 'open');
      expect(await closeReason(() => void first.open(), second)).to.equal('api');
      expect(document.querySelectorAll('iframe#event-link')).to.have.length(1);
    });
  });

  describe('can be opened again', () => {
    it('in the tick in which it was closed', async () => {
      const button = await mountButton();
      const { names } = recordEvents(button);
      const first = button.open();
      button.close();
      const second = button.open();
      expect(second).to.not.equal(first);
      expect(await first).to.equal(null);
      await until(() => button.status === 'open');
      expect(document.querySelectorAll('iframe#event-link')).to.have.length(1);
      expect(names).to.deep.equal(['pica-open', 'pica-close', 'pica-open']);
    });

    it('as soon as the user leaves it', async () => {
      const button = await mountButton();
      const { frame, closed } = await openAuthKit(button);
      exit(frame);
      await closed;
      void button.open();
      await afterAuthKitsTimers();
      expect(authkitFrame()).to.not.equal(null);
      await until(() => button.status === 'open');
    });

    it('but not with AuthKit alone, whose timer closes the new one', async () => {
      let isClosed = false;
      const { frame } = await openBare({ onClose: () => (isClosed = true) });
      exit(frame);
      await until(() => isClosed);
      frame.remove();
      createBare().open();
      await afterAuthKitsTimers();
      expect(authkitFrame()).to.equal(null);
    });

    it('from a listener of pica-close', async () => {
      const button = await mountButton();
      await openAuthKit(button);
      button.addEventListener('pica-close', () => void button.open(), { once: true });
      button.close();
      await until(() => button.status === 'open');
    });
  });

  describe('survives', () => {
    it('moving its element', async () => {
      const button = await mountButton();
      const { names } = recordEvents(button);
      await openAuthKit(button);
      mount('<section></section>').append(button);
      button.remove();
      await Promise.resolve();
      stage.append(button);
      await nextTask();
      await nextTask();
      expect(names).to.deep.equal(['pica-open']);
      expect(button.status).to.equal('open');
    });

    it('a framework that mounts its element twice', async () => {
      const button = await mountButton();
      const { names } = recordEvents(button);
      button.remove();
      stage.append(button);
      button.remove();
      stage.append(button);
      const { frame, closed } = await openAuthKit(button);
      exit(frame);
      await closed;
      expect(names).to.deep.equal(['pica-open', 'pica-close']);
    });

    it('cloning its element, and the clone is idle and works', async () => {
      const button = await mountButton();
      button.setAttribute('token-url', '/token');
      button.setAttribute('base-url', puppetUrl(uniqueName()));
      await openAuthKit(button);
      const copy = button.cloneNode(true) as PicaConnectButton;
      stage.append(copy);
      expect(copy.status).to.equal('idle');
      expect(await closeReason(() => void copy.open(), button)).to.equal('api');
      await until(() => copy.status === 'open');
    });

    it('a reload of AuthKit’s page', async () => {
      const button = await mountButton();
      const { names } = recordEvents(button);
      const { frame } = await openAuthKit(button);
      puppetDo(frame, { puppet: 'reload' });
      await nextPuppetMessage('loaded', frame);
      const successEvent = nextEvent('pica-success');
      succeed(frame);
      await successEvent;
      expect(names).to.deep.equal(['pica-open', 'pica-success']);
    });

    it('a reload of AuthKit’s page without moving the focus', async () => {
      const button = await mountButton();
      const { frame } = await openAuthKit(button);
      const close = modalButton('Close');
      close.focus();
      const reloaded = new Promise((resolve) => {
        frame.addEventListener('load', resolve, { once: true });
      });
      puppetDo(frame, { puppet: 'reload' });
      await reloaded;
      expect((close.getRootNode() as ShadowRoot).activeElement === close).to.equal(true);
    });

    it('an element with the id of its frame, and leaves that element alone', async () => {
      const element = mount('<div id="event-link"></div>');
      const button = await mountButton();
      const { frame, closed } = await openAuthKit(button);
      const successEvent = nextEvent('pica-success', button);
      succeed(frame);
      await successEvent;
      button.close();
      await closed;
      expect(element.isConnected).to.equal(true);
      expect(frame.isConnected).to.equal(false);
    });

    it('but not with AuthKit alone, which removes that element', async () => {
      const element = mount('<div id="event-link"></div>');
      const { authkit } = await openBare();
      authkit.close();
      expect(element.isConnected).to.equal(false);
    });

    it('other changes to the page', async () => {
      const button = await mountButton();
      await openAuthKit(button);
      mount('<p>News</p>').remove();
      await addUnrelatedFrame(authkit);
      await nextTask();
      expect(button.status).to.equal('open');
    });
  });

  describe('gives up', () => {
    it('after "timeout" seconds if AuthKit has not loaded', async () => {
      const name = uniqueName();
      await puppetControl(name, { hang: true });
      const button = await mountButton({ timeout: 0.2 }, name);
      const { names, events } = recordEvents(button);
      expect(await button.open()).to.equal(null);
      expect(names).to.deep.equal(['pica-open', 'pica-error', 'pica-close']);
      const { error } = (events[1] as HTMLElementEventMap['pica-error']).detail;
      expect(error.code).to.equal('authkit-unreachable');
      expect(error.message).to.contain(authkit);
      expect(events[2]?.detail).to.have.property('reason', 'error');
      expect(modalDialog()).to.equal(null);
    });

    it('but not with AuthKit alone, whose hidden frame stays', async () => {
      const name = uniqueName();
      await puppetControl(name, { hang: true });
      createBare({ baseUrl: puppetUrl(name) }).open();
      await afterAuthKitsTimers();
      expect(authkitFrame()).to.not.equal(null);
    });

    for (const baseUrl of [
      ...['javascript:alert(1)', 'http://', 'https://a.example/?b=c', 'https://a.example/#b'],
      ...['ftp://a.example/', 'xhttps://a.example/'],
    ]) {
      it(`at once if base-url is ${baseUrl}`, async () => {
        const button = await mountButton({ baseUrl });
        const { names, events } = recordEvents(button);
        expect(await button.open()).to.equal(null);
        expect(names).to.deep.equal(['pica-open', 'pica-error', 'pica-close']);
        const { error } = (events[1] as HTMLElementEventMap['pica-error']).detail;
        expect(error.code).to.equal('authkit-unreachable');
        expect(error.message).to.contain('base-url is not a URL of AuthKit');
        expect(error.hint).to.contain('base-url');
      });
    }
  });

  describe('after AuthKit’s frame has loaded', () => {
    it('shows it at once, while AuthKit alone still hides it', async () => {
      const shownAtLoad = async (open: () => void) => {
        open();
        const frame = await addedFrame();
        await new Promise((resolve) => {
          frame.addEventListener('load', resolve, { once: true });
        });
        return getComputedStyle(frame).visibility;
      };
      const button = await mountButton();
      expect(await shownAtLoad(() => void button.open())).to.equal('visible');
      button.close();
      expect(await shownAtLoad(createBare().open)).to.equal('hidden');
    });
  });

  it('keeps header values out of events, errors, logs and storage', async () => {
    const secret = 'Bearer s3cr3t-value';
    const consoleCalls: unknown[] = [];
    const stops = ['log', 'info', 'warn', 'error', 'debug'].map((method) =>
      spyOn(console, method, (_, values) => consoleCalls.push(values)),
    );
    try {
      const button = await mountButton({
        tokenHeaders: { authorization: secret },
        requestHeaders: { authorization: secret },
      });
      const { events } = recordEvents(button);
      const { frame, closed } = await openAuthKit(button);
      succeed(frame);
      succeed(frame, 'nonsense');
      exit(frame);
      await closed;
      button.tokenHeaders = { 'bad name': secret };
      await button.open();
      button.tokenHeaders = { authorization: `${secret}\n` };
      await button.open();
      const seen = JSON.stringify([
        events.map(({ detail }) => Object.entries(detail as object).map(describeDeep)),
        consoleCalls,
        document.documentElement.outerHTML,
        Object.entries(localStorage),
        Object.entries(sessionStorage),
      ]);
      expect(events).to.have.length(10);
      expect(seen).to.not.contain('s3cr3t');
    } finally {
      for (const stop of stops) stop();
    }
  });

  it('leaves no node, listener, timer or observer behind', async () => {
    const nodes = document.querySelectorAll('*').length;
    const tracker = trackListeners();
    try {
      const button = await mountButton();
      const name = uniqueName();
      button.baseUrl = puppetUrl(name);
      const listening = tracker.open();
      for (let opening = 0; opening < 20; opening += 1) {
        const { frame, closed } = await openAuthKit(button);
        if (opening % 2) exit(frame);
        else button.close();
        await closed;
      }
      await afterAuthKitsTimers();
      // The token request of the last opening may still be pending.
      await until(() => tracker.open().join() === listening.join());
      button.remove();
      expect(document.querySelectorAll('*').length).to.equal(nodes);
      expect(await puppetRequests(name)).to.have.length(20);
    } finally {
      tracker.stop();
    }
  });
});
