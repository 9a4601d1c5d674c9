import { expect } from '@open-wc/testing';
import {
  authkitFrame,
  createBare,
  longEnough,
  modalButton,
  modalDialog,
  mountButton,
  nextEvent,
  openAuthKit,
  recordEvents,
  until,
} from './fixtures.js';
import { authkit, engine, hangsUp } from './servers/origins.js';
import { puppetControl, puppetRequests, uniqueName } from './servers/puppet-client.js';

const openServed = async (settings: Parameters<typeof puppetControl>[1]) => {
  const name = uniqueName();
  await puppetControl(name, settings);
  const button = await mountButton({}, name);
  const heard = recordEvents(button);
  const closed = button.open();
  return { button, closed, name, ...heard };
};

describe("AuthKit's page", () => {
  it('that cannot be reached is given up, and the page can be used', async () => {
    const button = await mountButton({ baseUrl: hangsUp });
    const { names, events } = recordEvents(button);
    expect(await button.open()).to.equal(null);
    expect(names).to.deep.equal(['pica-open', 'pica-error', 'pica-close']);
    const { error } = (events[1] as HTMLElementEventMap['pica-error']).detail;
    expect(error.code).to.equal('authkit-unreachable');
    expect(error.message).to.contain(hangsUp);
    expect(events[2]?.detail).to.have.property('reason', 'error');
    expect(authkitFrame()).to.equal(null);
    expect(modalDialog()).to.equal(null);
    expect(button.status).to.equal('idle');
  });

  it('that cannot be reached is nothing that AuthKit alone would tell', async () => {
    const told: string[] = [];
    createBare({
      baseUrl: hangsUp,
      onError: () => told.push('error'),
      onClose: () => told.push('close'),
    }).open();
    await longEnough();
    expect(told).to.deep.equal([]);
    expect(authkitFrame()).to.not.equal(null);
  });

  for (const [what, settings] of [
    ['is slow', { delay: 2300 }],
    [
      'may not be fetched from other origins',
      { headers: { 'cross-origin-resource-policy': 'same-origin' } },
    ],
  ] as const) {
    it(`that ${what} is not closed under the user`, async () => {
      const { button, names } = await openServed(settings);
      await longEnough();
      await until(() => button.status === 'open');
      expect(names).to.deep.equal(['pica-open']);
    });
  }

  it('that is in use is not closed when the question fails long after', async () => {
    let fail!: () => void;
    const original = window.fetch.bind(window);
    const failed = new Promise<never>((_, reject) => {
      fail = () => {
        reject(new TypeError('the network has changed'));
      };
    });
    failed.catch(() => undefined);
    window.fetch = (input, init) => (init?.method === 'HEAD' ? failed : original(input, init));
    try {
      const button = await mountButton();
      const { names } = recordEvents(button);
      await openAuthKit(button);
      await longEnough();
      fail();
      await longEnough();
      expect(names).to.deep.equal(['pica-open']);
    } finally {
      window.fetch = original;
    }
  });

  it('is asked for once, besides the question whether it is there', async () => {
    const name = uniqueName();
    const button = await mountButton({}, name);
    await openAuthKit(button);
    expect(await puppetRequests(name)).to.have.length(1);
  });

  it('that refuses frames by frame-ancestors is an error in Chromium', async function () {
    if (engine !== 'chromium') {
      // Firefox 153 and WebKitGTK 2.50 tell the page nothing of it; the Close below is the way out.
      this.skip();
    }
    const { closed, events } = await openServed({
      headers: { 'content-security-policy': "frame-ancestors 'none'" },
    });
    expect(await closed).to.equal(null);
    const { error } = (events[1] as HTMLElementEventMap['pica-error']).detail;
    expect(error.code).to.equal('authkit-unreachable');
    expect(error.message).to.contain('frame-ancestors');
  });

  // What looks from outside like a page in use: none of the three engines tells.
  for (const [what, settings] of [
    ['answers 404', { status: 404, body: 'not here' }],
    ['answers 500 with nothing', { status: 500, body: '' }],
    ['refuses frames by X-Frame-Options', { headers: { 'x-frame-options': 'DENY' } }],
  ] as const) {
    it(`that ${what} holds nobody: there is a Close`, async () => {
      const { closed } = await openServed(settings);
      // In Firefox and WebKit a frame that was refused never loads, and Cancel is still there.
      await until(() => ['Close', 'Cancel'].some((name) => isReachable(name)));
      const heard = nextEvent('pica-close');
      modalButton(isReachable('Close') ? 'Close' : 'Cancel').click();
      expect((await heard).detail.reason).to.equal('user');
      expect(await closed).to.equal(null);
    });
  }

  it('keeps the Close off its own card where the window is narrow', async () => {
    const button = await mountButton();
    const { frame } = await openAuthKit(button);
    const isNarrow = matchMedia('(max-width: 30rem)').matches;
    const close = modalButton('Close').getBoundingClientRect();
    const overlaps = frame.getBoundingClientRect().bottom > close.top;
    expect(overlaps).to.equal(!isNarrow);
  });

  it('is on the origin that the error names', async () => {
    const button = await mountButton({ baseUrl: `${hangsUp}/deep/path` });
    const heard = nextEvent('pica-error');
    await button.open();
    const { message } = (await heard).detail.error;
    expect(message).to.contain(hangsUp);
    expect(message).to.not.contain(authkit);
  });
});

const isReachable = (name: string): boolean => modalButton(name).checkVisibility();
