import { expect } from '@open-wc/testing';
import fc from 'fast-check';
import {
  addUnrelatedFrame,
  allMessagesReceived,
  exit,
  mountButton,
  nextEvent,
  openAuthKit,
  openBare,
  record,
  recordEvents,
  stage,
  succeed,
} from '../fixtures/elements.js';
import { authkit, engine, otherOrigin } from '../fixtures/servers/origins.js';
import {
  nextPuppetMessage,
  puppetPost,
  puppetUrl,
  uniqueName,
} from '../fixtures/servers/puppet-client.js';

const success = { messageType: 'LINK_SUCCESS', message: record('evil') };

/**
 * Creates a listener that throws. It is from another realm, so that the test runner doesn't count its error as the
 * test's failure.
 */
const throwingListener = () => {
  const realm = document.createElement('iframe');
  realm.title = 'Realm';
  stage.append(realm);
  const inner = realm.contentWindow as (Window & typeof globalThis) | null;
  if (!inner) throw new Error('The realm has no window');
  const errors: string[] = [];
  inner.addEventListener('error', (event) => {
    event.preventDefault();
    errors.push(event.message);
  });

  const fail = new inner.Function('throw new Error("a fault of the page")') as () => void;
  return { fail, errors };
};

describe('a message', () => {
  describe('from a frame of another origin', () => {
    it('is ignored', async () => {
      const button = await mountButton();
      const { names } = recordEvents(button);
      await openAuthKit(button);
      const stranger = await addUnrelatedFrame(otherOrigin);
      for (const messageType of ['LINK_SUCCESS', 'LINK_ERROR', 'EXIT_EVENT_LINK']) {
        puppetPost(stranger, { ...success, messageType });
      }
      await allMessagesReceived(stranger);
      expect(names).to.deep.equal(['pica-open']);
      expect(button.status).to.equal('open');
    });

    it('is accepted by AuthKit alone', async () => {
      const keys: string[] = [];
      await openBare({ onSuccess: ({ key }) => keys.push(key) });
      const stranger = await addUnrelatedFrame(otherOrigin);
      puppetPost(stranger, success);
      await allMessagesReceived(stranger);
      expect(keys).to.deep.equal(['evil']);
    });
  });

  describe("from another frame of AuthKit's origin", () => {
    it('is ignored', async () => {
      const button = await mountButton();
      const { names } = recordEvents(button);
      await openAuthKit(button);
      const stranger = await addUnrelatedFrame(authkit);
      puppetPost(stranger, success);
      await allMessagesReceived(stranger);
      expect(names).to.deep.equal(['pica-open']);
    });

    it('is accepted by AuthKit alone', async () => {
      const keys: string[] = [];
      await openBare({ onSuccess: ({ key }) => keys.push(key) });
      const stranger = await addUnrelatedFrame(authkit);
      puppetPost(stranger, success);
      await allMessagesReceived(stranger);
      expect(keys).to.deep.equal(['evil']);
    });
  });

  describe('from AuthKit’s frame after it navigated to another origin', () => {
    const navigate = async (frame: HTMLIFrameElement) => {
      frame.src = puppetUrl(uniqueName(), otherOrigin);
      await nextPuppetMessage('loaded', frame);
    };

    it('is ignored', async () => {
      const button = await mountButton();
      const { names } = recordEvents(button);
      const { frame } = await openAuthKit(button);
      await navigate(frame);
      puppetPost(frame, success);
      await allMessagesReceived(frame);
      expect(names).to.deep.equal(['pica-open']);
    });

    it('is accepted by AuthKit alone', async () => {
      const keys: string[] = [];
      const { frame } = await openBare({ onSuccess: ({ key }) => keys.push(key) });
      await navigate(frame);
      puppetPost(frame, success);
      await allMessagesReceived(frame);
      expect(keys).to.deep.equal(['evil']);
    });
  });

  describe('from a script of the page', () => {
    const postFromPage = () =>
      new Promise<void>((resolve) => {
        const onMessage = ({ data }: MessageEvent<unknown>) => {
          if (data !== 'after') return;
          window.removeEventListener('message', onMessage);
          resolve();
        };
        window.addEventListener('message', onMessage);
        window.postMessage(success, '*');
        window.postMessage('after', '*');
      });

    it('is ignored', async () => {
      const button = await mountButton();
      const { names } = recordEvents(button);
      await openAuthKit(button);
      await postFromPage();
      expect(names).to.deep.equal(['pica-open']);
    });

    it('is accepted by AuthKit alone', async () => {
      const keys: string[] = [];
      await openBare({ onSuccess: ({ key }) => keys.push(key) });
      await postFromPage();
      expect(keys).to.deep.equal(['evil']);
    });
  });

  it('that is forged does not reach the page’s later listeners either', async () => {
    const button = await mountButton();
    await openAuthKit(button);
    const received: unknown[] = [];
    const onMessage = ({ data }: MessageEvent<unknown>) => {
      if (typeOf(data) !== undefined) received.push(data);
    };
    window.addEventListener('message', onMessage);
    const stranger = await addUnrelatedFrame(otherOrigin);
    puppetPost(stranger, success);
    await allMessagesReceived(stranger);
    window.removeEventListener('message', onMessage);
    expect(received).to.deep.equal([]);
  });

  it('of any other type reaches the page unchanged', async () => {
    const button = await mountButton();
    await openAuthKit(button);
    const stranger = await addUnrelatedFrame(otherOrigin);
    const data = { messageType: 'LINK_PROGRESS', message: { deep: [1, 2, 3] } };
    const received = new Promise((resolve) => {
      window.addEventListener(
        'message',
        (event) => {
          resolve(event.data);
        },
        { once: true },
      );
    });
    puppetPost(stranger, data);
    expect(await received).to.deep.equal(data);
  });

  for (const data of [null, 'text', 7, ['LINK_SUCCESS']]) {
    it(`that is ${JSON.stringify(data)} reaches the page unchanged`, async () => {
      const button = await mountButton();
      const { names } = recordEvents(button);
      const { frame } = await openAuthKit(button);
      const received: unknown[] = [];
      const onMessage = (event: MessageEvent<unknown>) => received.push(event.data);
      window.addEventListener('message', onMessage);
      puppetPost(frame, data);
      await allMessagesReceived(frame);
      window.removeEventListener('message', onMessage);
      expect(received).to.deep.include(data);
      expect(names).to.deep.equal(['pica-open']);
    });
  }

  const reasons: [unknown, string][] = [
    ['access_denied', 'access_denied'],
    ['', 'no reason given'],
    [7, 'no reason given'],
    [{ reason: 'access_denied' }, 'no reason given'],
  ];
  for (const [message, reason] of reasons) {
    it(`with the error ${JSON.stringify(message)} becomes connection-failed: ${reason}`, async () => {
      const button = await mountButton();
      const { frame } = await openAuthKit(button);
      const errorEvent = nextEvent('pica-error');
      puppetPost(frame, { messageType: 'LINK_ERROR', message });
      const { error } = (await errorEvent).detail;
      expect(error.code).to.equal('connection-failed');
      expect(error.message).to.match(new RegExp(`: ${reason}$`));
      expect(error.cause).to.deep.equal(message);
      expect(button.status).to.equal('open');
    });
  }

  it('with an invalid connection becomes connection-invalid', async () => {
    const button = await mountButton();
    const { frame } = await openAuthKit(button);
    for (const message of [undefined, null, 'text', 7, [], {}, { key: 'k' }, { platform: 'p' }]) {
      const errorEvent = nextEvent('pica-error');
      puppetPost(frame, { messageType: 'LINK_SUCCESS', message });
      expect((await errorEvent).detail.error.code).to.equal('connection-invalid');
    }
    expect(button.status).to.equal('open');
  });

  it('that repeats a success causes one pica-success for each key', async () => {
    const button = await mountButton();
    const { names, events } = recordEvents(button);
    const { frame, closed } = await openAuthKit(button);
    for (const key of ['a', 'a', 'b', 'a', 'c', 'b']) succeed(frame, record(key));
    exit(frame);
    await closed;
    const successes = events.filter(({ type }) => type === 'pica-success');
    expect(
      successes.map(
        (event) => (event as HTMLElementEventMap['pica-success']).detail.connection.key,
      ),
    ).to.deep.equal(['a', 'b', 'c']);
    expect(names.at(-1)).to.equal('pica-close');
  });

  it('that repeats a success is reported each time by AuthKit alone', async () => {
    let count = 0;
    const { frame } = await openBare({ onSuccess: () => (count += 1) });
    succeed(frame);
    succeed(frame);
    await allMessagesReceived(frame);
    expect(count).to.equal(2);
  });

  it('with the same connection in another opening causes another pica-success', async () => {
    const button = await mountButton();
    for (let opening = 0; opening < 2; opening += 1) {
      const { frame, closed } = await openAuthKit(button);
      const successEvent = nextEvent('pica-success');
      succeed(frame);
      await successEvent;
      exit(frame);
      await closed;
    }
  });

  it('with an error of three megabytes is cut to 500 characters', async () => {
    const button = await mountButton();
    const { frame } = await openAuthKit(button);
    const errorEvent = nextEvent('pica-error');
    puppetPost(frame, { messageType: 'LINK_ERROR', message: 'x'.repeat(3_000_000) });
    const { message, cause } = (await errorEvent).detail.error;
    expect(message).to.match(/[^x]x{500}$/);
    expect(cause).to.equal('x'.repeat(500));
  });

  it('that is huge or deep does not throw', async () => {
    const button = await mountButton();
    const { frame } = await openAuthKit(button);
    let deep: unknown = 'end';
    for (let level = 0; level < 500; level += 1) deep = { deep };
    succeed(frame, record('x'.repeat(1_000_000), { deep }));
    puppetPost(frame, { messageType: 'LINK_ERROR', message: deep });
    const { error } = (await nextEvent('pica-error')).detail;
    expect(error.code).to.equal('connection-failed');
    expect(button.status).to.equal('open');
  });

  it('arrives even if the page sets window.onmessage', async () => {
    const before = window.onmessage;
    window.onmessage = () => undefined;
    const button = await mountButton();
    const { frame } = await openAuthKit(button);
    const successEvent = nextEvent('pica-success');
    succeed(frame);
    await successEvent;
    window.onmessage = before;
  });

  it('causes all events even if the page’s listeners throw', async () => {
    const { fail, errors } = throwingListener();
    const button = await mountButton();
    const { names } = recordEvents(button);
    for (const name of ['open', 'success', 'error', 'close']) {
      button.addEventListener(`pica-${name}`, fail);
    }
    const { frame, closed } = await openAuthKit(button);
    succeed(frame);
    succeed(frame, 'nonsense');
    exit(frame);
    await closed;
    expect(names).to.deep.equal(['pica-open', 'pica-success', 'pica-error', 'pica-close']);
    expect(errors).to.have.length(4);
    expect(button.status).to.equal('idle');
  });

  describe('with random content', () => {
    const runs = 10_000;
    const batch = 100;

    /** Messages as a fuzzer writes them: odd values, and mostly AuthKit's types. */
    const message = fc.oneof(
      { weight: 1, arbitrary: fc.anything({ withBigInt: true, withDate: true, withMap: true }) },
      {
        weight: 2,
        arbitrary: fc.record(
          {
            messageType: fc.oneof(
              fc.constantFrom('LINK_SUCCESS', 'LINK_ERROR', 'EXIT_EVENT_LINK', 'link_success', ''),
              fc.anything(),
            ),
            message: fc.oneof(
              fc.record({ key: fc.string(), platform: fc.string() }, { requiredKeys: [] }),
              fc.anything(),
            ),
          },
          { requiredKeys: [] },
        ),
      },
    );

    /** fc creates no functions or symbols, so structured clone accepts every message. */
    const parameters = { numRuns: runs / batch, seed: Number(new Date()) };

    for (const [sender, from] of [
      ['a wrong origin', () => addUnrelatedFrame(otherOrigin)],
      ['a wrong frame', () => addUnrelatedFrame(authkit)],
    ] as const) {
      it(`is ignored if it is from ${sender}, and does not throw`, async function () {
        this.timeout(60_000);
        console.info(`${engine}: seed ${String(parameters.seed)}`);
        const button = await mountButton();
        const { names } = recordEvents(button);
        await openAuthKit(button);
        const stranger = await from();
        await fc.assert(
          fc.asyncProperty(
            fc.array(message, { minLength: batch, maxLength: batch }),
            async (messages) => {
              for (const data of messages) puppetPost(stranger, data);
              await allMessagesReceived(stranger);
              expect(names).to.deep.equal(['pica-open']);
              expect(button.status).to.equal('open');
            },
          ),
          parameters,
        );
      });
    }

    it('causes an event if it is from AuthKit’s page and has one of the three types', async function () {
      this.timeout(60_000);
      console.info(`${engine}: seed ${String(parameters.seed)}`);
      const button = await mountButton();
      const { events } = recordEvents(button);
      await fc.assert(
        fc.asyncProperty(
          // EXIT_EVENT_LINK would close it. session-model.test.ts covers that.
          fc.array(
            message.filter((data) => typeOf(data) !== 'EXIT_EVENT_LINK'),
            { minLength: batch, maxLength: batch },
          ),
          async (messages) => {
            // AuthKit is opened again for each batch, because an opening accepts only a hundred messages.
            const { frame, closed } = await openAuthKit(button);
            const seen = new Set<string>();
            events.length = 0;
            for (const data of messages) puppetPost(frame, data);
            await allMessagesReceived(frame);
            expect(events.map(({ type }) => type)).to.deep.equal(
              messages.flatMap((data) => expected(data, seen)),
            );
            expect(button.status).to.equal('open');
            button.close();
            await closed;
          },
        ),
        parameters,
      );
    });
  });
});

const typeOf = (data: unknown): unknown =>
  typeof data === 'object' && data !== null
    ? (data as { messageType?: unknown }).messageType
    : undefined;

/** The events that a message of AuthKit's page should cause. */
const expected = (data: unknown, seen: Set<string>): string[] => {
  const type = typeOf(data);
  if (type === 'LINK_ERROR') return ['pica-error'];
  if (type !== 'LINK_SUCCESS') return [];
  const { key, platform } = ((data as { message?: unknown }).message ?? {}) as Record<
    string,
    unknown
  >;
  const isConnection =
    typeof key === 'string' && key !== '' && typeof platform === 'string' && platform !== '';
  if (!isConnection) return ['pica-error'];
  if (seen.has(key)) return [];
  seen.add(key);
  return ['pica-success'];
};
