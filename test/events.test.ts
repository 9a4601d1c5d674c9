import { expect } from '@open-wc/testing';
import { PicaSuccessEvent } from '../src/classes.js';
import {
  exit,
  mountButton,
  nextEvent,
  openAuthKit,
  part,
  record,
  recordEvents,
  succeed,
  until,
} from './fixtures/elements.js';

/** A promise that the test settles. */
const deferred = () => {
  let resolve!: () => void;
  let reject!: (error: Error) => void;
  const promise = new Promise<void>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
};

describe('events', () => {
  it('bubble and cross shadow trees', async () => {
    const host = document.createElement('div');
    const button = await mountButton();
    button.parentElement?.append(host);
    host.attachShadow({ mode: 'open' }).append(button);
    const { names } = recordEvents(document);
    const { frame, closed } = await openAuthKit(button);
    succeed(frame);
    succeed(frame, 'nonsense');
    exit(frame);
    await closed;
    expect(names).to.deep.equal(['pica-open', 'pica-success', 'pica-error', 'pica-close']);
  });

  describe('waitUntil() of pica-success', () => {
    it('makes the element wait for all promises, even after pica-close', async () => {
      const button = await mountButton();
      const saves = [deferred(), deferred()];
      button.addEventListener('pica-success', (event) => {
        for (const { promise } of saves) event.waitUntil(promise);
      });
      const { frame, closed } = await openAuthKit(button);
      succeed(frame);
      await nextEvent('pica-success');
      expect(button.status).to.equal('saving');
      exit(frame);
      await closed;
      expect(button.status).to.equal('saving');
      saves[0]?.resolve();
      await button.updateComplete;
      expect(button.status).to.equal('saving');
      saves[1]?.resolve();
      await until(() => button.status === 'idle');
    });

    it('can be called by listeners on ancestors, including window', async () => {
      const button = await mountButton();
      const save = deferred();
      const onSuccess = (event: PicaSuccessEvent) => {
        event.waitUntil(save.promise);
      };
      window.addEventListener('pica-success', onSuccess, { once: true });
      const { frame } = await openAuthKit(button);
      succeed(frame);
      await until(() => button.status === 'saving');
      save.resolve();
      await until(() => button.status === 'open');
    });

    it('makes the element unsaved and dispatches pica-error when a promise rejects', async () => {
      const button = await mountButton();
      const cause = new Error('500');
      button.addEventListener('pica-success', (event) => {
        event.waitUntil(Promise.reject(cause));
      });
      const { frame, closed } = await openAuthKit(button);
      const errorEvent = nextEvent('pica-error');
      succeed(frame, record('live::gmail::default::kept'));
      const { error } = (await errorEvent).detail;
      expect(error.code).to.equal('save-failed');
      expect(error.cause).to.equal(cause);
      expect(error.connection).to.have.property('key', 'live::gmail::default::kept');
      exit(frame);
      await closed;
      expect(button.status).to.equal('unsaved');
      await button.updateComplete;
      expect(part(button, 'message').innerText).to.contain('not saved');
    });

    it('is called again by each retrySave() until the save succeeds', async () => {
      const button = await mountButton();
      const saved: string[] = [];
      button.addEventListener('pica-success', (event) => {
        saved.push(event.detail.connection.key);
        const isFirst = saved.length === 1;
        event.waitUntil(isFirst ? Promise.reject(new Error('500')) : Promise.resolve());
      });
      const { frame, closed } = await openAuthKit(button);
      succeed(frame);
      exit(frame);
      await closed;
      await until(() => button.status === 'unsaved');
      button.retrySave();
      expect(button.status).to.equal('saving');
      await until(() => button.status === 'idle');
      button.retrySave();
      expect(saved).to.deep.equal(Array(2).fill('live::gmail::default::abc123'));
    });

    it('throws an error that says what to do when it is called after the event', () => {
      const connection = {
        key: 'k',
        platform: 'p',
        environment: 'live',
        state: 'unknown',
      } as const;
      const event = new PicaSuccessEvent({ connection });
      expect(() => {
        event.waitUntil(Promise.resolve());
      })
        .to.throw(DOMException, 'Call it in the listener')
        .with.property('name', 'InvalidStateError');
    });

    it('is optional: without it, nothing is pending', async () => {
      const button = await mountButton();
      const { frame } = await openAuthKit(button);
      const successEvent = nextEvent('pica-success');
      succeed(frame);
      expect((await successEvent).isAwaited).to.equal(false);
      expect(button.status).to.equal('open');
    });
  });
});
