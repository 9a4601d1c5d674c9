import { expect } from '@open-wc/testing';
import {
  allMessagesReceived,
  mountButton,
  nextEvent,
  record,
  spyOn,
  succeed,
  until,
} from '../fixtures/elements.js';
import {
  control,
  nextRequest,
  release,
  requests,
  uniqueName,
} from '../fixtures/servers/puppet-client.js';
import { connect, connectionsUrl, waitForPosts, posts } from '../fixtures/saving.js';
import {
  key,
  stored,
  leaveEntries,
  leaveUnsaved,
  sendsEntries,
  sentKeys,
  startSave,
} from '../fixtures/outbox.js';

describe('the outbox', () => {
  for (const [description, loseEntry] of [
    ['the page has cleared its storage', () => localStorage.clear()],
    [
      'the clock was a month ahead for a moment',
      async () => {
        const { now } = Date;
        Date.now = () => now() + 31 * 24 * 60 * 60 * 1000;
        // Every element with a connections-url removes expired entries.
        await mountButton({ connectionsUrl: connectionsUrl(uniqueName()), identity: 'grace' });
        await until(() => stored().length === 0);
        Date.now = now;
      },
    ],
    [
      'the entry has been evicted',
      () => {
        const [item = ''] = Object.keys(localStorage);
        localStorage.removeItem(item);
      },
    ],
  ] as const) {
    it(`does not decide whether a save continues: it does even if ${description}`, async () => {
      const { scope, button } = await startSave();
      await loseEntry();
      await control(scope, { behaviour: [{ method: 'POST', path: 'connections', status: 400 }] });
      const errorEvent = nextEvent('pica-error');
      await release(scope);
      expect((await errorEvent).detail.error.code).to.equal('save-failed');
      button.close();
      await until(() => button.status === 'unsaved');
      await control(scope, { behaviour: [] });
      button.retrySave();
      await until(() => button.status === 'idle');
      expect(await sentKeys(scope)).to.deep.equal([key]);
    });
  }

  it('loses none of two hundred unsaved connections of a page', async function () {
    // Creates, refuses and saves two hundred connections.
    this.timeout(60_000);
    const scope = uniqueName();
    await control(scope, {
      behaviour: [
        { method: 'POST', path: 'connections', hold: true, status: 500, times: 4 },
        { method: 'POST', path: 'connections', status: 400 },
      ],
    });
    const button = await mountButton({
      connectionsUrl: connectionsUrl(scope),
      identity: 'ada',
      debug: true,
    });
    const unsaved: unknown[] = [];
    button.addEventListener('pica-error', ({ detail: { error } }) => {
      if (error.code === 'save-failed') unsaved.push(error.connection?.key);
    });
    const keys = Array.from({ length: 200 }, (_, index) => `k${index}`);
    for (const first of [0, 100]) {
      const { frame, closed } = await connect(button, keys[first]);
      for (const other of keys.slice(first + 1, first + 100)) succeed(frame, record(other));
      await allMessagesReceived(frame);
      button.close();
      await closed;
    }
    expect(stored()).to.have.length(100);
    await button.updateComplete;
    expect(button.shadowRoot?.textContent).to.contain('The outbox is full (100 connections)');
    await release(scope);
    await until(() => button.status === 'unsaved');
    expect(unsaved).to.have.members(keys);
    await control(scope, { behaviour: [] });
    button.retrySave();
    await until(() => button.status === 'idle');
    expect(await sentKeys(scope)).to.have.members(keys);
  });

  it('reports an unsaved connection even if the storage has become unavailable', async () => {
    const { scope } = await startSave();
    const errorEvent = nextEvent('pica-error');
    const own = Object.getOwnPropertyDescriptor(window, 'localStorage') ?? {};
    const refuse = () => {
      throw new DOMException('access denied', 'SecurityError');
    };
    Object.defineProperty(window, 'localStorage', { ...own, get: refuse });
    try {
      await control(scope, {
        behaviour: [{ method: 'POST', path: 'connections', status: 400 }],
      });
      await release(scope);
      expect((await errorEvent).detail.error.code).to.equal('save-failed');
      expect(await posts(scope)).to.have.length(2);
    } finally {
      Object.defineProperty(window, 'localStorage', own);
    }
  });

  it('keeps the newest hundred connections of a user', async () => {
    const scope = uniqueName();
    await control(scope, { behaviour: [{ method: 'POST', path: 'connections', status: 400 }] });
    leaveEntries(
      connectionsUrl(scope),
      Array.from({ length: 100 }, (_, index) => `k${99 - index}`),
    );
    const button = await mountButton({ connectionsUrl: connectionsUrl(scope), identity: 'ada' });
    const { closed } = await connect(button);
    button.close();
    await closed;
    await connect(button, 'live::gmail::default::other');
    expect(stored()).to.have.length(100);
    expect(stored().join()).to.contain(key).and.contain('"k97"').and.not.to.contain('"k98"');
  });

  it('counts connections of other users and for other URLs separately', async () => {
    const keys = Array.from({ length: 100 }, (_, index) => `k${index}`);
    const scope = uniqueName();
    leaveEntries('https://x.test/', keys);
    leaveEntries(connectionsUrl(scope), keys);
    await control(scope, { behaviour: [{ method: 'POST', path: 'connections', status: 400 }] });
    const button = await mountButton({ connectionsUrl: connectionsUrl(scope), identity: 'bob' });
    await connect(button);
    expect(stored()).to.have.length(201);
  });

  it('keeps a hundred entries, not counting unreadable ones', async () => {
    const keys = Array.from({ length: 99 }, (_, index) => `k${index}`);
    leaveEntries('https://x.test/', keys);
    // These sort after the other keys.
    for (const text of ['{1', '{2', '{3'])
      localStorage.setItem(`pica-connect.outbox:${text}`, text);
    await leaveUnsaved();
    expect(stored()).to.have.length(100);
    expect(stored().join()).to.contain(key).and.contain('"k0"');
  });

  it('deletes entries after a week', async () => {
    const scope = await leaveUnsaved();
    for (const [item, text] of Object.entries(localStorage)) {
      const at = Date.now() - 7 * 24 * 60 * 60 * 1000;
      localStorage.setItem(item, JSON.stringify({ ...(JSON.parse(String(text)) as object), at }));
    }
    expect(await sendsEntries(scope, { identity: 'ada' })).to.equal(false);
    expect(stored()).to.deep.equal([]);
  });

  it('keeps entries for almost a week', async () => {
    const scope = await leaveUnsaved();
    const [[item, text] = ['', '']] = Object.entries(localStorage) as [string, string][];
    const at = Date.now() - 6.9 * 24 * 60 * 60 * 1000;
    localStorage.setItem(item, JSON.stringify({ ...(JSON.parse(text) as object), at }));
    await mountButton({ connectionsUrl: connectionsUrl(scope), identity: 'ada' });
    await waitForPosts(scope, 2);
  });

  it('ignores and removes entries that are invalid', async () => {
    const at = Date.now();
    const recent = [
      { at, key: {}, platform: 'gmail' },
      { at, key, platform: 7 },
      { at: String(at), key, platform: 'gmail' },
    ].map((entry) => JSON.stringify(entry));
    for (const text of ['', 'null', '{', '[]', '{"at":1e99}', '{"key":{},"at":0}', ...recent]) {
      localStorage.setItem(`pica-connect.outbox:${text}`, text);
    }
    localStorage.setItem('of the page', 'kept');
    const scope = await leaveUnsaved();
    const button = await mountButton({ connectionsUrl: connectionsUrl(scope), identity: 'ada' });
    await until(() => stored().length === 1 && button.status === 'idle');
    expect(stored()).to.deep.equal(['of the page kept']);
  });

  const storageFaults: [string, string, () => () => void][] = [
    [
      'full',
      'QuotaExceededError',
      () =>
        spyOn(Storage.prototype, 'setItem', () => {
          throw new DOMException('QuotaExceededError', 'QuotaExceededError');
        }),
    ],
    [
      'blocked',
      'access denied',
      () => {
        Object.defineProperty(window, 'localStorage', {
          configurable: true,
          get: () => {
            throw new DOMException('access denied', 'SecurityError');
          },
        });
        return () => Reflect.deleteProperty(window, 'localStorage');
      },
    ],
  ];
  for (const [description, excerpt, breakStorage] of storageFaults) {
    it(`changes nothing if the storage is ${description}, which debug reports`, async () => {
      const storage = Object.getOwnPropertyDescriptor(window, 'localStorage');
      const restoreStorage = breakStorage();
      try {
        const scope = uniqueName();
        const button = await mountButton({
          connectionsUrl: connectionsUrl(scope),
          identity: 'ada',
          debug: true,
        });
        expect(button.status).to.equal('idle');
        await connect(button);
        await until(() => button.status === 'open');
        expect(await requests(scope)).to.have.length.greaterThan(0);
        await button.updateComplete;
        expect(button.shadowRoot?.textContent).to.contain(excerpt);
        button.debug = false;
        await button.updateComplete;
        expect(button.shadowRoot?.textContent).not.to.contain(excerpt);
      } finally {
        restoreStorage();
        if (storage) Object.defineProperty(window, 'localStorage', storage);
      }
    });
  }

  it('omits a very long name', async () => {
    const scope = uniqueName();
    await control(scope, { behaviour: [{ method: 'POST', path: 'connections', hold: true }] });
    const button = await mountButton({ connectionsUrl: connectionsUrl(scope), identity: 'ada' });
    await connect(button, key, { name: 'x'.repeat(100_000) });
    expect(stored()).to.have.length(1);
    expect(stored().join()).to.contain(key).and.to.have.length.below(1000);
    await nextRequest(scope, { method: 'POST', state: 'held' });
    await release(scope);
    await until(() => stored().length === 0);
  });

  it('reports nothing in debug with outbox="off"', async () => {
    const button = await mountButton({
      connectionsUrl: connectionsUrl(uniqueName()),
      outbox: 'off',
      debug: true,
    });
    await connect(button);
    await button.updateComplete;
    expect(button.shadowRoot?.textContent).not.to.contain('identity');
  });

  for (const [length, isKept] of [
    [500, true],
    [501, false],
  ] as const) {
    it(`${isKept ? 'keeps' : 'omits'} a name of ${length} letters`, async () => {
      const name = 'x'.repeat(length);
      await leaveUnsaved({}, key, { name });
      expect(stored()).to.have.length(1);
      expect(stored().join().includes(name)).to.equal(isKept);
    });
  }

  for (const [length, count] of [
    [4000, 1],
    [4001, 0],
  ] as const) {
    it(`${count ? 'accepts' : 'refuses'} an entry of ${length} letters`, async () => {
      await leaveUnsaved({}, 'x');
      const [text] = Object.values(localStorage) as string[];
      localStorage.clear();
      await leaveUnsaved({}, 'x'.repeat(length - (text?.length ?? 0) + 1));
      expect(stored()).to.have.length(count);
    });
  }

  it('refuses a connection whose key is too large', async () => {
    const scope = uniqueName();
    const button = await mountButton({
      connectionsUrl: connectionsUrl(scope),
      identity: 'ada',
      debug: true,
    });
    await connect(button, 'x'.repeat(100_000));
    await until(() => button.status === 'open');
    expect(await posts(scope)).to.have.length(1);
    await button.updateComplete;
    expect(button.shadowRoot?.textContent).to.contain('too large');
  });
});
