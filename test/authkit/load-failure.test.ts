import { expect } from '@open-wc/testing';
import {
  authkitFrame,
  createBare,
  hover,
  longerThanAnyTimeout,
  modalButton,
  modalDialog,
  mountButton,
  nextEvent,
  openAuthKit,
  recordEvents,
  spyOn,
  until,
} from '../fixtures/elements.js';
import { authkit, engine, hangsUp, otherOrigin } from '../fixtures/servers/origins.js';
import { puppetControl, puppetRequests, uniqueName } from '../fixtures/servers/puppet-client.js';

const openServed = async (settings: Parameters<typeof puppetControl>[1]) => {
  const name = uniqueName();
  await puppetControl(name, settings);
  const button = await mountButton({}, name);
  const heard = recordEvents(button);
  const closed = button.open();
  return { button, closed, name, ...heard };
};

/** A button whose AuthKit has been loaded ahead. */
const loadAhead = async () => {
  const button = await mountButton({ preload: 'page' });
  const heard = recordEvents(button);
  hover(button);
  await until(() => authkitFrame() !== null);
  return { button, ...heard };
};

/** What browsers report of AuthKit's page where it refuses frames, */
const refusal = {
  blockedURL: `${authkit}/authkit/any`,
  disposition: 'enforce',
  effectiveDirective: 'frame-ancestors',
};
/** and where this page's Cross-Origin-Embedder-Policy has no frame of it. */
const embedding = {
  blockedURL: `${authkit}/authkit/any`,
  disposition: 'enforce',
  destination: 'iframe',
};

let restore = () => {};
afterEach(() => {
  restore();
});

/** A browser that reports what a test says, to those who ask for its kind. */
const reportingBrowser = () => {
  const own = Object.getOwnPropertyDescriptor(window, 'ReportingObserver');
  const observers = new Map<object, (type: string, body: unknown) => void>();
  class Observer {
    readonly #tell: (type: string, body: unknown) => void;
    constructor(
      callback: (reports: object[], observer: object) => void,
      { types }: { types: string[] },
    ) {
      this.#tell = (type, body) => {
        if (types.includes(type)) callback([{ type, url: location.href, body }], this);
      };
    }
    observe() {
      observers.set(this, this.#tell);
    }
    disconnect() {
      observers.delete(this);
    }
  }
  // Taken away first: WebKitGTK 2.50 answers a script that has read it often with the one it had before, where
  // it is only written over.
  Reflect.deleteProperty(window, 'ReportingObserver');
  Object.defineProperty(window, 'ReportingObserver', { value: Observer, configurable: true });
  restore = () => {
    Reflect.deleteProperty(window, 'ReportingObserver');
    if (own) Object.defineProperty(window, 'ReportingObserver', own);
    restore = () => {};
  };
  return {
    count: () => observers.size,
    report: (type: string, body: unknown) => {
      for (const tell of observers.values()) tell(type, body);
    },
  };
};

/** Opens AuthKit in such a browser, until it listens. */
const openReported = async ({ count }: ReturnType<typeof reportingBrowser>) => {
  const opened = await openServed({});
  await until(() => count() > 0);
  return opened;
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

  it('that cannot be reached is not reported by AuthKit alone', async () => {
    const told: string[] = [];
    createBare({
      baseUrl: hangsUp,
      onError: () => told.push('error'),
      onClose: () => told.push('close'),
    }).open();
    await longerThanAnyTimeout();
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
      await longerThanAnyTimeout();
      await until(() => button.status === 'open');
      expect(names).to.deep.equal(['pica-open']);
    });
  }

  describe('where the question whether it is there fails', () => {
    const fetch = window.fetch.bind(window);
    const now = performance.now.bind(performance);
    afterEach(() => {
      window.fetch = fetch;
      performance.now = now;
    });

    /** Lets every such question fail from when the answer is called. */
    const failQuestions = () => {
      let fail!: () => void;
      const failed = new Promise<never>((_, reject) => {
        fail = () => {
          reject(new TypeError('the network has changed'));
        };
      });
      failed.catch(() => undefined);
      window.fetch = (input, init) => (init?.method === 'HEAD' ? failed : fetch(input, init));
      return fail;
    };

    it('long after is not closed while it is in use', async () => {
      const fail = failQuestions();
      const button = await mountButton();
      const { names } = recordEvents(button);
      await openAuthKit(button);
      performance.now = () => now() + 60_000;
      fail();
      await longerThanAnyTimeout();
      expect(names).to.deep.equal(['pica-open']);
    });

    it('is given up where it does not load either', async () => {
      failQuestions()();
      const { closed, events } = await openServed({ hang: true });
      expect(await closed).to.equal(null);
      const { error } = (events[1] as HTMLElementEventMap['pica-error']).detail;
      expect(error.code).to.equal('authkit-unreachable');
      expect(error.message).to.contain('cannot be reached');
    });
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

  it('is asked for with nothing of the user, and where that fails at an address that all may ask for', async () => {
    const questions: [string, RequestInit | undefined][] = [];
    const stop = spyOn(window, 'fetch', (_, [url, init]) => {
      if (String(url).startsWith(hangsUp)) questions.push([String(url), init as RequestInit]);
    });
    try {
      const button = await mountButton({ baseUrl: `${hangsUp}/deep/path` });
      await button.open();
      expect(questions.map(([url]) => url)).to.deep.equal([
        `${hangsUp}/deep/path`,
        `${hangsUp}/favicon.ico`,
      ]);
      for (const [, init] of questions) {
        expect(init).to.include({ method: 'HEAD', mode: 'no-cors' });
        expect(init).to.include({ credentials: 'omit', cache: 'no-store' });
      }
    } finally {
      stop();
    }
  });

  it('is asked for no more once it is closed', async () => {
    let questions = 0;
    const stop = spyOn(window, 'fetch', (_, [url]) => {
      if (String(url).startsWith(hangsUp)) questions += 1;
    });
    try {
      const button = await mountButton({ baseUrl: hangsUp });
      void button.open();
      await until(() => questions > 0);
      button.close();
      // Another, asked for later, has come to its end.
      await (await mountButton({ baseUrl: `${hangsUp}/` })).open();
      expect(questions).to.equal(3);
    } finally {
      stop();
    }
  });

  describe('of which the browser reports', () => {
    it('that it refuses frames is given up', async () => {
      const browser = reportingBrowser();
      const { closed, events } = await openReported(browser);
      browser.report('csp-violation', refusal);
      expect(await closed).to.equal(null);
      const { error } = (events[1] as HTMLElementEventMap['pica-error']).detail;
      expect(error.code).to.equal('authkit-unreachable');
      expect(error.message).to.contain('frame-ancestors');
    });

    it("that the page's own Cross-Origin-Embedder-Policy forbids it is given up", async () => {
      const browser = reportingBrowser();
      const { closed, events } = await openReported(browser);
      // Chromium has the fields on a prototype, from which toJSON() takes them.
      browser.report('coep', { toJSON: () => embedding });
      expect(await closed).to.equal(null);
      const { error } = (events[1] as HTMLElementEventMap['pica-error']).detail;
      expect(error.code).to.equal('authkit-blocked');
      expect(error.message).to.contain('Cross-Origin-Embedder-Policy');
    });

    const others: [string, 'csp-violation' | 'coep', object | null][] = [
      ['a refusal of another page', 'csp-violation', { ...refusal, blockedURL: otherOrigin }],
      [
        'a refusal that is only a rehearsal',
        'csp-violation',
        { ...refusal, disposition: 'report' },
      ],
      [
        'something blocked that has no address',
        'csp-violation',
        { ...refusal, blockedURL: 'inline' },
      ],
      ['another policy', 'csp-violation', { ...refusal, effectiveDirective: 'img-src' }],
      ['nothing in particular', 'csp-violation', null],
      ['an embedding of another page', 'coep', { ...embedding, blockedURL: otherOrigin }],
      ['an embedding in a rehearsal', 'coep', { ...embedding, disposition: 'reporting' }],
      ['an image that may not be embedded', 'coep', { ...embedding, destination: 'image' }],
    ];
    for (const [what, type, body] of others) {
      it(`${what} is none of its business`, async () => {
        const browser = reportingBrowser();
        const { closed, names } = await openReported(browser);
        browser.report(type, body);
        expect(names).to.deep.equal(['pica-open']);
        browser.report('csp-violation', refusal);
        await closed;
        expect(names).to.deep.equal(['pica-open', 'pica-error', 'pica-close']);
      });
    }

    for (const [what, type, body, code] of [
      ['that it refuses frames', 'csp-violation', refusal, 'authkit-unreachable'],
      ['that it may not be embedded', 'coep', embedding, 'authkit-blocked'],
    ] as const) {
      it(`ahead of the click ${what}: that is said at the click`, async () => {
        const browser = reportingBrowser();
        const { button, names, events } = await loadAhead();
        browser.report(type, body);
        expect(names).to.deep.equal([]);
        expect(await button.open()).to.equal(null);
        expect(names).to.deep.equal(['pica-open', 'pica-error', 'pica-close']);
        expect((events[1] as HTMLElementEventMap['pica-error']).detail.error.code).to.equal(code);
      });
    }

    it('anything is heard no more once it is closed', async () => {
      const browser = reportingBrowser();
      const { button, closed } = await openReported(browser);
      expect(browser.count()).to.equal(1);
      button.close();
      await closed;
      expect(browser.count()).to.equal(0);
    });
  });

  describe('of which a policy of the page', () => {
    const violation = {
      ...{ blockedURI: authkit, documentURI: location.href, originalPolicy: '', statusCode: 200 },
      ...{ violatedDirective: 'frame-src', effectiveDirective: 'frame-src' },
      disposition: 'enforce' as const,
    };
    const violate = (more: Partial<SecurityPolicyViolationEventInit>) => {
      const event = new SecurityPolicyViolationEvent('securitypolicyviolation', {
        ...violation,
        ...more,
      });
      document.dispatchEvent(event);
    };

    it('forbids the frame ahead of the click, is said to be blocked at the click', async () => {
      const { button, names, events } = await loadAhead();
      violate({});
      expect(names).to.deep.equal([]);
      expect(await button.open()).to.equal(null);
      expect(names).to.deep.equal(['pica-open', 'pica-error', 'pica-close']);
      const { error } = (events[1] as HTMLElementEventMap['pica-error']).detail;
      expect(error.code).to.equal('authkit-blocked');
    });

    for (const [what, more] of [
      ['would forbid the frame, if it were more than a rehearsal', { disposition: 'report' }],
      ['forbids an image', { effectiveDirective: 'img-src' }],
    ] as const) {
      it(`${what}, is not closed for it`, async () => {
        const { names, closed } = await openServed({});
        violate(more);
        expect(names).to.deep.equal(['pica-open']);
        violate({});
        await closed;
        expect(names).to.deep.equal(['pica-open', 'pica-error', 'pica-close']);
      });
    }
  });

  // What looks from outside like a page in use: none of the three engines tells.
  for (const [what, settings] of [
    ['answers 404', { status: 404, body: 'not here' }],
    ['answers 500 with nothing', { status: 500, body: '' }],
    ['refuses frames by X-Frame-Options', { headers: { 'x-frame-options': 'DENY' } }],
  ] as const) {
    it(`that ${what} holds nobody: there is a Close`, async () => {
      const { closed } = await openServed(settings);
      // Close, not Cancel: the frame fires `load` for an error page and for a refusal, too.
      await until(() => isReachable('Close'));
      const heard = nextEvent('pica-close');
      modalButton('Close').click();
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
