import { expect } from '@open-wc/testing';
import type { PicaConnectButton } from '../src/classes.js';
import { exit, mountButton, mountList, nextEvent, spyOn, stage, until } from './fixtures.js';
import { control, nextRequest, release, requests, uniqueName } from './servers/puppet-client.js';
import { disconnect, loadList } from './list-fixtures.js';
import { connect, connectionsUrl, posts } from './saving-fixtures.js';

const key = 'live::gmail::default::abc123';

beforeEach(() => {
  localStorage.clear();
});

/** Everything that the outbox has put into this browser. */
const stored = () => Object.entries(localStorage).map((entry) => entry.join(' '));

/** Ada's connections, as earlier pages have left them there, one after the other. */
const leaveEntries = (url: string, keys: string[]) => {
  keys.forEach((each, index) => {
    const item = `pica-connect.outbox:${JSON.stringify([url, 'ada', each])}`;
    const entry = { key: each, platform: 'gmail', at: Date.now() - 1000 + index };
    localStorage.setItem(item, JSON.stringify(entry));
  });
};

/** The page is loaded anew: the elements are gone, and what they knew. */
const leavePage = async (button: PicaConnectButton, closed: Promise<unknown>) => {
  button.close();
  await closed;
  stage.replaceChildren();
};

/** A connection of Ada's that could not be stored, on a page that she has left. */
const leaveUnsaved = async (properties: Partial<PicaConnectButton> = {}, which = key) => {
  const scope = uniqueName();
  await control(scope, {
    behaviour: [{ method: 'POST', path: 'connections', status: 400, times: 1 }],
  });
  const button = await mountButton({
    connectionsUrl: connectionsUrl(scope),
    identity: 'ada',
    ...properties,
  });
  const heard = nextEvent('pica-error', button);
  const { closed } = await connect(button, which);
  await heard;
  await leavePage(button, closed);
  return scope;
};

/** Whether a page with this button sends anything within the time that one which does takes. */
const sends = async (scope: string, properties: Partial<PicaConnectButton>) => {
  const count = (await posts(scope)).length;
  await mountButton({ connectionsUrl: connectionsUrl(scope), ...properties });
  const other = await leaveUnsaved();
  await mountButton({ connectionsUrl: connectionsUrl(other), identity: 'ada' });
  await until(() => stored().every((entry) => !entry.includes(other)));
  return (await posts(scope)).length > count;
};

describe('the outbox', () => {
  it('has the next page of this user store what this one could not', async () => {
    const scope = await leaveUnsaved();
    const button = await mountButton({ connectionsUrl: connectionsUrl(scope), identity: 'ada' });
    await until(() => button.status === 'saving');
    await until(() => button.status === 'idle');
    const bodies = (await posts(scope)).map(({ body }) => body);
    expect(bodies).to.have.length(2);
    expect(bodies[1]).to.deep.equal(bodies[0]);
    expect(stored()).to.deep.equal([]);
  });

  it('has it stored by a list too, which then shows it', async () => {
    const scope = await leaveUnsaved();
    const list = await mountList({ connectionsUrl: connectionsUrl(scope), identity: 'ada' });
    await until(() => list.connections.length === 1);
    expect(list.connections[0]).to.have.property('key', key);
  });

  it('that a button empties has a list beside it read again', async () => {
    const scope = await leaveUnsaved();
    await mountButton({ connectionsUrl: connectionsUrl(scope), identity: 'ada' });
    const list = await mountList({ connectionsUrl: connectionsUrl(scope), identity: 'ada' });
    await until(() => list.connections.length === 1);
    expect(await posts(scope)).to.have.length(2);
  });

  it('is written before the first request, and cleared by its success', async () => {
    const scope = uniqueName();
    await control(scope, { behaviour: [{ method: 'POST', path: 'connections', hold: true }] });
    const button = await mountButton({ connectionsUrl: connectionsUrl(scope), identity: 'ada' });
    await connect(button);
    expect(stored()).to.have.length(1);
    await nextRequest(scope, { method: 'POST', state: 'held' });
    await release(scope);
    await until(() => stored().length === 0);
  });

  it('holds nothing secret: no headers, no tokens', async () => {
    await leaveUnsaved({
      tokenHeaders: { 'x-token': 'secret-of-the-token' },
      requestHeaders: () => ({ authorization: 'secret-of-the-request' }),
    });
    expect(stored()).to.have.length(1);
    expect(stored().join()).to.contain(key).and.not.to.contain('secret');
  });

  it('is not emptied for another user', async () => {
    const scope = await leaveUnsaved();
    expect(await sends(scope, { identity: 'grace' })).to.equal(false);
  });

  it('is not emptied where it is not known who the user is', async () => {
    const scope = await leaveUnsaved();
    expect(await sends(scope, {})).to.equal(false);
  });

  it('is not emptied at another address', async () => {
    await leaveUnsaved();
    expect(await sends(uniqueName(), { identity: 'ada' })).to.equal(false);
  });

  it('is not emptied with outbox="off"', async () => {
    const scope = await leaveUnsaved();
    expect(await sends(scope, { identity: 'ada', outbox: 'off' })).to.equal(false);
  });

  it('takes nothing with outbox="off"', async () => {
    await leaveUnsaved({ outbox: 'off' });
    expect(stored()).to.deep.equal([]);
  });

  it('takes nothing where it is not known who the user is', async () => {
    await leaveUnsaved({ identity: null });
    expect(stored()).to.deep.equal([]);
  });

  it('keeps what could not be stored this time either, and says so', async () => {
    const scope = await leaveUnsaved();
    await control(scope, { behaviour: [{ method: 'POST', path: 'connections', status: 403 }] });
    const heard = nextEvent('pica-error');
    const button = await mountButton({ connectionsUrl: connectionsUrl(scope), identity: 'ada' });
    const { error } = (await heard).detail;
    expect(error.code).to.equal('save-failed');
    expect(error.connection).to.have.property('key', key);
    await until(() => button.status === 'unsaved');
    expect(stored()).to.have.length(1);
    await control(scope, { behaviour: [] });
    button.retrySave();
    await until(() => button.status === 'idle');
    expect(stored()).to.deep.equal([]);
  });

  it('is emptied by one of many elements', async () => {
    const scope = await leaveUnsaved();
    const buttons = await Promise.all(
      Array.from({ length: 20 }, () =>
        mountButton({ connectionsUrl: connectionsUrl(scope), identity: 'ada' }),
      ),
    );
    await until(() => stored().length === 0);
    await until(() => buttons.every(({ status }) => status === 'idle'));
    expect(await posts(scope)).to.have.length(2);
  });

  it('is emptied when the browser is online again', async () => {
    const scope = uniqueName();
    await control(scope, {
      behaviour: [{ method: 'POST', path: 'connections', drop: true }],
    });
    const button = await mountButton({ connectionsUrl: connectionsUrl(scope), identity: 'ada' });
    const { frame, closed } = await connect(button);
    exit(frame);
    await closed;
    await until(() => button.status === 'unsaved');
    await control(scope, { behaviour: [] });
    window.dispatchEvent(new Event('online'));
    await until(() => button.status === 'idle');
    expect(stored()).to.deep.equal([]);
  });

  it('that holds what will never be stored still has the rest stored', async () => {
    const scope = uniqueName();
    const keys = Array.from({ length: 8 }, (_, index) => `live::gmail::default::${index}`);
    leaveEntries(connectionsUrl(scope), keys);
    await control(scope, {
      behaviour: [{ method: 'POST', path: 'connections', status: 400, times: 5 }],
    });
    const errors: unknown[] = [];
    const onError = ({ detail }: HTMLElementEventMap['pica-error']) =>
      errors.push(detail.error.connection?.key);
    document.addEventListener('pica-error', onError);
    const button = await mountButton({ connectionsUrl: connectionsUrl(scope), identity: 'ada' });
    await until(() => button.status === 'unsaved');
    document.removeEventListener('pica-error', onError);
    expect(await posts(scope)).to.have.length(8);
    // Each failure is told, and Retry is for all of them.
    expect(errors).to.have.length(5);
    expect(stored()).to.have.length(5);
    button.retrySave();
    await until(() => button.status === 'idle');
    expect(stored()).to.deep.equal([]);
  });

  it('is emptied when the headers come later than the element', async () => {
    const scope = await leaveUnsaved();
    await control(scope, {
      behaviour: [{ method: 'POST', path: 'connections', status: 401, times: 1 }],
    });
    const button = await mountButton({ connectionsUrl: connectionsUrl(scope), identity: 'ada' });
    await until(() => button.status === 'unsaved');
    button.requestHeaders = () => ({ 'x-user-id': 'ada' });
    await until(() => stored().length === 0);
    await until(() => button.status === 'idle');
    expect((await posts(scope)).at(-1)?.headers['x-user-id']).to.equal('ada');
  });

  it('that one element empties leaves no other unsaved', async () => {
    const scope = uniqueName();
    await control(scope, {
      behaviour: [{ method: 'POST', path: 'connections', status: 400, times: 1 }],
    });
    const first = await mountButton({ connectionsUrl: connectionsUrl(scope), identity: 'ada' });
    const { closed } = await connect(first);
    first.close();
    await closed;
    await until(() => first.status === 'unsaved');
    await mountButton({ connectionsUrl: connectionsUrl(scope), identity: 'ada' });
    await until(() => first.status === 'idle');
  });

  it('does not bring back what has been disconnected', async () => {
    const scope = await leaveUnsaved();
    const row = { key, platform: 'gmail', environment: 'live' };
    await control(scope, {
      connections: { rows: [row] },
      behaviour: [{ method: 'POST', path: 'connections', status: 400, times: 1 }],
    });
    const list = await loadList(scope, { identity: 'ada' });
    await until(() => stored().length === 1);
    await disconnect(list, 'Gmail');
    await until(() => list.connections.length === 0);
    await until(() => stored().length === 0);
  });

  it('stops being sent for somebody else with outbox="off" too', async () => {
    const scope = uniqueName();
    await control(scope, {
      behaviour: [{ method: 'POST', path: 'connections', hold: true, status: 500 }],
    });
    const button = await mountButton({
      connectionsUrl: connectionsUrl(scope),
      identity: 'ada',
      outbox: 'off',
    });
    await connect(button);
    await nextRequest(scope, { method: 'POST', state: 'held' });
    const heard = nextEvent('pica-error');
    button.identity = 'grace';
    await release(scope);
    await heard;
    expect(await posts(scope)).to.have.length(1);
  });

  it('stops for somebody who is not signed in any more', async () => {
    const scope = uniqueName();
    await control(scope, {
      behaviour: [{ method: 'POST', path: 'connections', hold: true, status: 500 }],
    });
    const button = await mountButton({ connectionsUrl: connectionsUrl(scope), identity: 'ada' });
    await connect(button);
    await nextRequest(scope, { method: 'POST', state: 'held' });
    const heard = nextEvent('pica-error');
    button.identity = 'grace';
    await release(scope);
    expect((await heard).detail.error.message).to.contain('the user');
    expect(await posts(scope)).to.have.length(1);
    // Grace cannot send it either, and Ada's next page will.
    button.retrySave();
    expect(button.status).to.equal('open');
    expect(stored()).to.have.length(1);
  });

  it('holds a hundred connections, the newest', async () => {
    leaveEntries(
      'https://x.test/',
      Array.from({ length: 100 }, (_, index) => `k${index}`),
    );
    await leaveUnsaved();
    await leaveUnsaved({}, 'live::gmail::default::other');
    expect(stored()).to.have.length(100);
    expect(stored().join()).to.contain(key).and.contain('"k2"').and.not.to.contain('"k1"');
  });

  it('holds them for a week', async () => {
    const scope = await leaveUnsaved();
    for (const [item, text] of Object.entries(localStorage)) {
      const at = Date.now() - 7 * 24 * 60 * 60 * 1000;
      localStorage.setItem(item, JSON.stringify({ ...(JSON.parse(String(text)) as object), at }));
    }
    expect(await sends(scope, { identity: 'ada' })).to.equal(false);
    expect(stored()).to.deep.equal([]);
  });

  it('does not mind what others have written there', async () => {
    for (const text of ['', 'null', '{', '[]', '{"at":1e99}', '{"key":{},"at":0}']) {
      localStorage.setItem(`pica-connect.outbox:${text}`, text);
    }
    localStorage.setItem('of the page', 'kept');
    const scope = await leaveUnsaved();
    const button = await mountButton({ connectionsUrl: connectionsUrl(scope), identity: 'ada' });
    await until(() => stored().length === 1 && button.status === 'idle');
    expect(stored()).to.deep.equal(['of the page kept']);
  });

  const troubles: [string, string, () => () => void][] = [
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
  for (const [what, words, break_] of troubles) {
    it(`changes nothing where the storage is ${what}, and says so in debug`, async () => {
      const storage = Object.getOwnPropertyDescriptor(window, 'localStorage');
      const mend = break_();
      try {
        const scope = uniqueName();
        const button = await mountButton({
          connectionsUrl: connectionsUrl(scope),
          identity: 'ada',
          debug: true,
        });
        await connect(button);
        await until(() => button.status === 'open');
        expect(await requests(scope)).to.have.length.greaterThan(0);
        await button.updateComplete;
        expect(button.shadowRoot?.textContent).to.contain(words);
        button.debug = false;
        await button.updateComplete;
        expect(button.shadowRoot?.textContent).not.to.contain(words);
      } finally {
        mend();
        if (storage) Object.defineProperty(window, 'localStorage', storage);
      }
    });
  }

  it('says in debug that it needs to know who the user is', async () => {
    const button = await mountButton({ connectionsUrl: connectionsUrl(uniqueName()), debug: true });
    await connect(button);
    await button.updateComplete;
    expect(button.shadowRoot?.textContent).to.contain('identity');
  });

  it('leaves a very long name out', async () => {
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

  it('leaves a connection with a key that is too large to its one page', async () => {
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
