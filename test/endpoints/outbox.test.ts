import { expect } from '@open-wc/testing';
import type { PicaConnectButton, PicaConnectionsList } from '../../src/classes.js';
import {
  allSaid,
  exit,
  mount,
  mountButton,
  mountList,
  nextEvent,
  openAuthKit,
  record,
  recordEvents,
  spyOn,
  stage,
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
import type { Row } from '../fixtures/servers/protocol.js';
import { disconnect, loadList } from '../fixtures/list.js';
import { connect, connectionsUrl, manyPosts, posts } from '../fixtures/saving.js';

const key = 'live::gmail::default::abc123';

beforeEach(() => {
  localStorage.clear();
});

/** Everything that the outbox has put into this browser. */
const stored = () => Object.entries(localStorage).map((entry) => entry.join(' '));

const itemOf = (url: string, which: string) =>
  `pica-connect.outbox:${JSON.stringify([url, 'ada', which])}`;

/** Ada's connections, as earlier pages have left them there, one after the other. */
const leaveEntries = (url: string, keys: string[]) => {
  keys.forEach((each, index) => {
    const entry = { key: each, platform: 'gmail', at: Date.now() - 1000 + index };
    localStorage.setItem(itemOf(url, each), JSON.stringify(entry));
  });
};

/** The page is loaded anew: the elements are gone, and what they knew. */
const leavePage = async (button: PicaConnectButton, closed: Promise<unknown>) => {
  button.close();
  await closed;
  stage.replaceChildren();
};

/** A connection of Ada's that could not be stored, on a page that she has left. */
const leaveUnsaved = async (
  properties: Partial<PicaConnectButton> = {},
  which = key,
  more?: object,
) => {
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
  const { closed } = await connect(button, which, more);
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

/** The same in another tab, as far as that is a document and a copy of the library of its own. */
const mountInAnotherTab = async (
  properties: Partial<PicaConnectButton & PicaConnectionsList>,
  name: 'pica-connect-button' | 'pica-connections-list' = 'pica-connect-button',
) => {
  const tab = mount('<iframe title="Another tab"></iframe>') as HTMLIFrameElement;
  tab.srcdoc = '<body><script type="module" src="/dist/pica-connect.min.js"></script>';
  await new Promise((resolve) => (tab.onload = resolve));
  const inner = tab.contentDocument;
  if (!inner) throw new Error('The tab has no document');
  const element = Object.assign(inner.createElement(name), properties);
  inner.body.append(element);
  return element;
};

/** The keys that the endpoint of a scope has been sent, each once. */
const sentKeys = async (scope: string) => [
  ...new Set(
    (await posts(scope)).map(({ body }) => (body as Record<string, string>).connection_key),
  ),
];

/** Waits until the endpoint of a scope holds so many POSTs. */
const manyHeld = async (scope: string, count: number) => {
  const held = async () => (await posts(scope)).filter(({ state }) => state === 'held');
  while ((await held()).length < count);
};

/** Ada's save, under way: the endpoint holds it, and will answer in such a way that it is sent again. */
const beginSave = async (properties: Partial<PicaConnectButton> = {}) => {
  const scope = uniqueName();
  await control(scope, {
    behaviour: [{ method: 'POST', path: 'connections', hold: true, status: 500 }],
  });
  const button = await mountButton({
    connectionsUrl: connectionsUrl(scope),
    identity: 'ada',
    ...properties,
  });
  await connect(button);
  await nextRequest(scope, { method: 'POST', state: 'held' });
  return { scope, button };
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

  it('has it stored with all that the first request said of it', async () => {
    const more = { name: 'Work', environment: 'test', state: 'degraded' };
    const scope = await leaveUnsaved({}, key, more);
    await mountButton({ connectionsUrl: connectionsUrl(scope), identity: 'ada' });
    const [, { body }] = (await manyPosts(scope, 2)) as [unknown, { body: unknown }];
    expect(body).to.include(more);
  });

  it('has the oldest stored first, four at a time', async () => {
    const scope = uniqueName();
    // Not in the order of their names, in which a browser may list them.
    const keys = ['k5', 'k4', 'k3', 'k2', 'k1'];
    leaveEntries(connectionsUrl(scope), keys);
    await control(scope, { behaviour: [{ method: 'POST', path: 'connections', hold: true }] });
    await mountButton({ connectionsUrl: connectionsUrl(scope), identity: 'ada' });
    await manyHeld(scope, 4);
    expect(await sentKeys(scope)).to.have.members(keys.slice(0, 4));
    await control(scope, { behaviour: [] });
    await release(scope);
    await until(() => stored().length === 0);
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

  it('that many elements find tells of a failure once', async () => {
    const scope = uniqueName();
    leaveEntries(connectionsUrl(scope), [key]);
    await control(scope, {
      behaviour: [{ method: 'POST', path: 'connections', hold: true, status: 400 }],
    });
    const buttons = await Promise.all(
      Array.from({ length: 3 }, () =>
        mountButton({ connectionsUrl: connectionsUrl(scope), identity: 'ada' }),
      ),
    );
    await nextRequest(scope, { method: 'POST', state: 'held' });
    const { names } = recordEvents(stage);
    await release(scope);
    await until(() => buttons.every(({ status }) => status !== 'saving'));
    expect(names).to.deep.equal(['pica-error']);
  });

  it('that holds nothing leaves an element idle', async () => {
    const scope = uniqueName();
    const button = await mountButton();
    const statuses: unknown[] = [];
    spyOn(button, 'setAttribute', (_, [name, value]) => {
      if (name === 'status') statuses.push(value);
    });
    Object.assign(button, { connectionsUrl: connectionsUrl(scope), identity: 'ada' });
    await button.updateComplete;
    expect(await posts(scope)).to.have.length(0);
    expect(statuses).to.deep.equal([]);
  });

  it('that another tab is emptying is left to that tab', async () => {
    const scope = await leaveUnsaved();
    await control(scope, { behaviour: [{ method: 'POST', path: 'connections', hold: true }] });
    const properties = { connectionsUrl: connectionsUrl(scope), identity: 'ada' };
    await mountInAnotherTab(properties);
    await nextRequest(scope, { method: 'POST', state: 'held' });
    const button = await mountButton(properties);
    await until(() => button.status === 'idle');
    expect(stored()).to.have.length(1);
    expect(await posts(scope)).to.have.length(2);
    await release(scope);
    await until(() => stored().length === 0);
  });

  it('has nothing stored that another tab has stored while it waited for its turn', async () => {
    const scope = uniqueName();
    const properties = { connectionsUrl: connectionsUrl(scope), identity: 'ada' };
    leaveEntries(properties.connectionsUrl, ['k1', 'k2', 'k3', 'k4', 'k5']);
    await control(scope, {
      behaviour: [{ method: 'POST', path: 'connections', hold: true, times: 4 }],
    });
    const button = await mountButton(properties);
    await manyHeld(scope, 4);
    await mountInAnotherTab(properties);
    await until(() => stored().length === 4);
    await release(scope);
    await until(() => stored().length === 0 && button.status === 'idle');
    expect((await posts(scope)).map(({ body }) => (body as Row).connection_key)).to.have.members([
      ...['k1', 'k2', 'k3', 'k4', 'k5'],
    ]);
  });

  it('has everything stored that it held, although the page has cleared its storage meanwhile', async () => {
    const scope = uniqueName();
    const keys = ['k1', 'k2', 'k3', 'k4', 'k5'];
    leaveEntries(connectionsUrl(scope), keys);
    await control(scope, {
      behaviour: [{ method: 'POST', path: 'connections', hold: true, times: 4 }],
    });
    const button = await mountButton({ connectionsUrl: connectionsUrl(scope), identity: 'ada' });
    await manyHeld(scope, 4);
    localStorage.clear();
    await release(scope);
    await until(() => button.status === 'idle');
    expect(await sentKeys(scope)).to.have.members(keys);
  });

  it('has nothing sent again that the user has disconnected in another tab meanwhile', async () => {
    const { scope, button } = await beginSave();
    await control(scope, { connections: { rows: [{ key, platform: 'gmail' }] } });
    const properties = { connectionsUrl: connectionsUrl(scope), identity: 'ada' };
    const list = await mountInAnotherTab(properties, 'pica-connections-list');
    const click = async (action: string) => {
      const found = () => list.shadowRoot?.querySelector<HTMLElement>(`[data-action="${action}"]`);
      await until(() => Boolean(found()));
      found()?.click();
    };
    await click('ask');
    await click('confirm');
    await until(() => stored().length === 0);
    await release(scope);
    await until(() => button.status === 'open');
    expect(await posts(scope)).to.have.length(1);
  });

  for (const outbox of ['auto', 'off'] as const) {
    it(`has nothing sent again that the user has disconnected in the same page, with outbox="${outbox}"`, async () => {
      const { scope, button } = await beginSave({ outbox });
      const row = { key, platform: 'gmail' };
      await control(scope, { connections: { rows: [row] } });
      const list = await loadList(scope, { identity: 'ada', outbox });
      await disconnect(list, 'Gmail');
      await until(() => list.connections.length === 0);
      await release(scope);
      await until(() => button.status === 'open');
      expect(await posts(scope)).to.have.length(1);
    });
  }

  for (const [what, harm] of [
    ['the page has cleared its storage', () => localStorage.clear()],
    [
      'the clock has gone forward by a month for a moment',
      async () => {
        const { now } = Date;
        Date.now = () => now() + 31 * 24 * 60 * 60 * 1000;
        // An element that looks for what is unsaved clears away what is too old.
        await mountButton({ connectionsUrl: connectionsUrl(uniqueName()), identity: 'grace' });
        Date.now = now;
        expect(stored()).to.deep.equal([]);
      },
    ],
    [
      'others have taken all the room',
      () => {
        const [item = ''] = Object.keys(localStorage);
        localStorage.removeItem(item);
      },
    ],
  ] as const) {
    it(`is not the judge of what is stored: the save goes on although ${what}`, async () => {
      const { scope, button } = await beginSave();
      await harm();
      await control(scope, { behaviour: [{ method: 'POST', path: 'connections', status: 400 }] });
      const heard = nextEvent('pica-error');
      await release(scope);
      expect((await heard).detail.error.code).to.equal('save-failed');
      button.close();
      await until(() => button.status === 'unsaved');
      await control(scope, { behaviour: [] });
      button.retrySave();
      await until(() => button.status === 'idle');
      expect(await sentKeys(scope)).to.deep.equal([key]);
    });
  }

  it('loses nothing of what this page has unsaved, however much that is', async function () {
    // Two hundred connections, each of which is made, refused and saved.
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
      for (const each of keys.slice(first + 1, first + 100)) succeed(frame, record(each));
      await allSaid(frame);
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

  it('says that a connection is not saved where the storage is blocked meanwhile', async () => {
    const { scope } = await beginSave();
    const heard = nextEvent('pica-error');
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
      expect((await heard).detail.error.code).to.equal('save-failed');
      expect(await posts(scope)).to.have.length(2);
    } finally {
      Object.defineProperty(window, 'localStorage', own);
    }
  });

  for (const [what, locks] of [
    ['has no Web Locks', undefined],
    [
      'refuses them',
      { request: () => Promise.reject(new DOMException('access denied', 'SecurityError')) },
    ],
  ] as const) {
    it(`is emptied where the browser ${what}`, async () => {
      const scope = await leaveUnsaved();
      Object.defineProperty(navigator, 'locks', { configurable: true, value: locks });
      try {
        await mountButton({ connectionsUrl: connectionsUrl(scope), identity: 'ada' });
        await until(() => stored().length === 0);
      } finally {
        Reflect.deleteProperty(navigator, 'locks');
      }
    });
  }

  it('is emptied at the same address in another form', async () => {
    const scope = await leaveUnsaved();
    const withoutScheme = connectionsUrl(scope).replace(location.protocol, '');
    await mountButton({ connectionsUrl: withoutScheme, identity: 'ada' });
    await until(() => stored().length === 0);
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

  it('leaves a server that is down alone, and says so of what it has tried', async () => {
    // From here on, waiting takes no time.
    await leaveUnsaved();
    localStorage.clear();
    const scope = uniqueName();
    const keys = Array.from({ length: 8 }, (_, index) => `k${index}`);
    leaveEntries(connectionsUrl(scope), keys);
    await control(scope, { behaviour: [{ method: 'POST', path: 'connections', status: 500 }] });
    const { names } = recordEvents(stage);
    const button = await mountButton({ connectionsUrl: connectionsUrl(scope), identity: 'ada' });
    await until(() => button.status === 'unsaved');
    expect(await sentKeys(scope)).to.have.members(keys.slice(0, 4));
    expect(names).to.deep.equal(Array.from({ length: 4 }, () => 'pica-error'));
    expect(stored()).to.have.length(8);
  });

  it('that could not be emptied has no list read again', async () => {
    const scope = uniqueName();
    leaveEntries(connectionsUrl(scope), [key]);
    await control(scope, { behaviour: [{ method: 'POST', path: 'connections', status: 400 }] });
    const heard = nextEvent('pica-error');
    const list = await mountList({ connectionsUrl: connectionsUrl(scope), identity: 'ada' });
    await heard;
    await until(() => !list.busy);
    const all = await requests(scope);
    expect(all.filter(({ method }) => method === 'GET')).to.have.length(1);
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

  it('that one element could not empty leaves another unsaved', async () => {
    const scope = uniqueName();
    await control(scope, { behaviour: [{ method: 'POST', path: 'connections', status: 400 }] });
    const first = await mountButton({ connectionsUrl: connectionsUrl(scope), identity: 'ada' });
    const { closed } = await connect(first);
    first.close();
    await closed;
    await until(() => first.status === 'unsaved');
    const second = await mountButton({ connectionsUrl: connectionsUrl(scope), identity: 'ada' });
    await until(() => second.status === 'unsaved');
    expect(first.status).to.equal('unsaved');
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

  for (const how of ['connections-url', 'the page'] as const) {
    it(`leaves nothing unsaved that the user has disconnected by ${how}`, async () => {
      const scope = uniqueName();
      const properties = { connectionsUrl: connectionsUrl(scope), identity: 'ada' };
      await control(scope, {
        connections: { rows: [{ key, platform: 'gmail' }] },
        behaviour: [{ method: 'POST', path: 'connections', status: 400 }],
      });
      const button = await mountButton(properties);
      const { closed } = await connect(button);
      button.close();
      await closed;
      await until(() => button.status === 'unsaved');
      const list = await loadList(scope, properties);
      list.addEventListener('pica-disconnect', (event) => {
        if (how === 'connections-url') return;
        event.preventDefault();
        event.waitUntil(Promise.resolve());
      });
      await disconnect(list, 'Gmail');
      await until(() => button.status === 'idle');
      expect(stored()).to.deep.equal([]);
    });
  }

  it('stops being sent for somebody else with outbox="off" too', async () => {
    const { scope, button } = await beginSave({ outbox: 'off' });
    const heard = nextEvent('pica-error');
    button.identity = 'grace';
    await release(scope);
    await heard;
    expect(await posts(scope)).to.have.length(1);
  });

  it('stops for somebody who is not signed in any more', async () => {
    const { scope, button } = await beginSave();
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

  it('stops for somebody who is not signed in any more, and says so of what was under way', async () => {
    // From here on, waiting takes no time.
    await leaveUnsaved();
    const scope = uniqueName();
    const keys = Array.from({ length: 8 }, (_, index) => `k${index}`);
    leaveEntries(connectionsUrl(scope), keys);
    await control(scope, {
      behaviour: [{ method: 'POST', path: 'connections', hold: true, status: 500 }],
    });
    const button = await mountButton({ connectionsUrl: connectionsUrl(scope), identity: 'ada' });
    await manyHeld(scope, 4);
    const { names } = recordEvents(stage);
    button.identity = 'grace';
    await release(scope);
    await until(() => button.status === 'idle');
    expect(names).to.deep.equal(Array.from({ length: 4 }, () => 'pica-error'));
    expect(await posts(scope)).to.have.length(4);
  });

  it('has what was opened for a user stored for nobody else', async () => {
    const scope = uniqueName();
    const url = connectionsUrl(scope);
    const list = await loadList(scope, { identity: 'ada' });
    const button = await mountButton({ connectionsUrl: url, identity: 'ada', name: 'key' });
    const { frame, closed } = await openAuthKit(button);
    list.identity = 'grace';
    button.identity = 'grace';
    await nextEvent('pica-load', list);
    const { names } = recordEvents(button);
    const heard = nextEvent('pica-error', button);
    succeed(frame);
    const { error } = (await heard).detail;
    expect(error.code).to.equal('save-failed');
    expect(error.connection?.key).to.equal(key);
    exit(frame);
    await closed;
    // Nobody has seen it: not the page, which would store it for Grace, and not her form or her list.
    expect(names).to.deep.equal(['pica-error', 'pica-close']);
    expect(button.value).to.equal('');
    expect(button.status).to.equal('idle');
    expect(list.connections).to.deep.equal([]);
    button.retrySave();
    expect(Object.keys(localStorage)).to.deep.equal([itemOf(url, key)]);
    expect(await posts(scope)).to.have.length(0);
    button.identity = 'ada';
    await manyPosts(scope, 1);
    await until(() => button.status === 'idle' && stored().length === 0);
  });

  it('leaves what was opened for a user who is back to the page, where that stores it', async () => {
    const button = await mountButton({ identity: 'ada' });
    const { frame, closed } = await openAuthKit(button);
    button.identity = null;
    const heard = nextEvent('pica-error', button);
    succeed(frame);
    await heard;
    exit(frame);
    await closed;
    button.identity = 'ada';
    await until(() => button.status === 'unsaved');
    const told = nextEvent('pica-success', button);
    button.retrySave();
    expect((await told).detail.connection.key).to.equal(key);
  });

  it('lets the user be named after the opening', async () => {
    const scope = uniqueName();
    const button = await mountButton({ connectionsUrl: connectionsUrl(scope) });
    const { frame } = await openAuthKit(button);
    button.identity = 'ada';
    succeed(frame);
    await manyPosts(scope, 1);
    await until(() => button.status === 'open');
  });

  it('lets what failed be saved again when the user is named only after that', async () => {
    const { scope, button } = await beginSave({ identity: null });
    const heard = nextEvent('pica-error');
    button.identity = 'ada';
    await release(scope);
    await heard;
    await until(() => button.status === 'unsaved' || button.status === 'open');
    await control(scope, { behaviour: [] });
    button.retrySave();
    await manyPosts(scope, 2);
  });

  it('shows nobody else what a user could not save', async () => {
    const { scope, button } = await beginSave();
    const list = await loadList(scope, { identity: 'ada' });
    const heard = nextEvent('pica-error');
    const loaded = nextEvent('pica-load', list);
    list.identity = 'grace';
    button.identity = 'grace';
    await loaded;
    await release(scope);
    expect((await heard).detail.error.code).to.equal('save-failed');
    expect(list.connections).to.deep.equal([]);
  });

  it('stops where connections-url has changed', async () => {
    const { scope, button } = await beginSave();
    const heard = nextEvent('pica-error');
    button.connectionsUrl = connectionsUrl(uniqueName());
    await release(scope);
    expect((await heard).detail.error.code).to.equal('save-failed');
    expect(await posts(scope)).to.have.length(1);
  });

  it('holds a hundred connections of a user, the newest', async () => {
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

  it('holds what is of other users and for other addresses, however much that is', async () => {
    const keys = Array.from({ length: 100 }, (_, index) => `k${index}`);
    const scope = uniqueName();
    leaveEntries('https://x.test/', keys);
    leaveEntries(connectionsUrl(scope), keys);
    await control(scope, { behaviour: [{ method: 'POST', path: 'connections', status: 400 }] });
    const button = await mountButton({ connectionsUrl: connectionsUrl(scope), identity: 'bob' });
    await connect(button);
    expect(stored()).to.have.length(201);
  });

  it('holds a hundred besides what cannot be read', async () => {
    const keys = Array.from({ length: 99 }, (_, index) => `k${index}`);
    leaveEntries('https://x.test/', keys);
    // Their names come after those of the others.
    for (const text of ['{1', '{2', '{3'])
      localStorage.setItem(`pica-connect.outbox:${text}`, text);
    await leaveUnsaved();
    expect(stored()).to.have.length(100);
    expect(stored().join()).to.contain(key).and.contain('"k0"');
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

  it('holds them for no less than a week', async () => {
    const scope = await leaveUnsaved();
    const [[item, text] = ['', '']] = Object.entries(localStorage) as [string, string][];
    const at = Date.now() - 6.9 * 24 * 60 * 60 * 1000;
    localStorage.setItem(item, JSON.stringify({ ...(JSON.parse(text) as object), at }));
    await mountButton({ connectionsUrl: connectionsUrl(scope), identity: 'ada' });
    await manyPosts(scope, 2);
  });

  it('does not mind what others have written there', async () => {
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
        expect(button.status).to.equal('idle');
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

  it('says nothing of that in debug with outbox="off"', async () => {
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
    it(`${isKept ? 'keeps' : 'leaves out'} a name of ${length} letters`, async () => {
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
    it(`has ${count ? 'room' : 'no room'} for an entry of ${length} letters`, async () => {
      await leaveUnsaved({}, 'x');
      const [text] = Object.values(localStorage) as string[];
      localStorage.clear();
      await leaveUnsaved({}, 'x'.repeat(length - (text?.length ?? 0) + 1));
      expect(stored()).to.have.length(count);
    });
  }

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
