import { expect } from '@open-wc/testing';
import {
  exit,
  mountButton,
  mountList,
  nextEvent,
  recordEvents,
  spyOn,
  stage,
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
  waitForHeldPosts,
} from '../fixtures/outbox.js';

describe('the outbox', () => {
  it('lets the user’s next page store what this page could not', async () => {
    const scope = await leaveUnsaved();
    const button = await mountButton({ connectionsUrl: connectionsUrl(scope), identity: 'ada' });
    await until(() => button.status === 'saving');
    await until(() => button.status === 'idle');
    const bodies = (await posts(scope)).map(({ body }) => body);
    expect(bodies).to.have.length(2);
    expect(bodies[1]).to.deep.equal(bodies[0]);
    expect(stored()).to.deep.equal([]);
  });

  it('sends all fields of the first request again', async () => {
    const more = { name: 'Work', environment: 'test', state: 'degraded' };
    const scope = await leaveUnsaved({}, key, more);
    await mountButton({ connectionsUrl: connectionsUrl(scope), identity: 'ada' });
    const [, { body }] = (await waitForPosts(scope, 2)) as [unknown, { body: unknown }];
    expect(body).to.include(more);
  });

  it('sends the oldest entries first, four at a time', async () => {
    const scope = uniqueName();
    // Unlike the order of keys, in which a browser may list them.
    const keys = ['k5', 'k4', 'k3', 'k2', 'k1'];
    leaveEntries(connectionsUrl(scope), keys);
    await control(scope, { behaviour: [{ method: 'POST', path: 'connections', hold: true }] });
    await mountButton({ connectionsUrl: connectionsUrl(scope), identity: 'ada' });
    await waitForHeldPosts(scope, 4);
    expect(await sentKeys(scope)).to.have.members(keys.slice(0, 4));
    await control(scope, { behaviour: [] });
    await release(scope);
    await until(() => stored().length === 0);
  });

  it('is sent by a list too, which then shows the connection', async () => {
    const scope = await leaveUnsaved();
    const list = await mountList({ connectionsUrl: connectionsUrl(scope), identity: 'ada' });
    await until(() => list.connections.length === 1);
    expect(list.connections[0]).to.have.property('key', key);
  });

  it('makes a list reload after a button has sent it', async () => {
    const scope = await leaveUnsaved();
    await mountButton({ connectionsUrl: connectionsUrl(scope), identity: 'ada' });
    const list = await mountList({ connectionsUrl: connectionsUrl(scope), identity: 'ada' });
    await until(() => list.connections.length === 1);
    expect(await posts(scope)).to.have.length(2);
  });

  it('is written before the first request, and cleared after its success', async () => {
    const scope = uniqueName();
    await control(scope, { behaviour: [{ method: 'POST', path: 'connections', hold: true }] });
    const button = await mountButton({ connectionsUrl: connectionsUrl(scope), identity: 'ada' });
    await connect(button);
    expect(stored()).to.have.length(1);
    await nextRequest(scope, { method: 'POST', state: 'held' });
    await release(scope);
    await until(() => stored().length === 0);
  });

  it('contains no headers and no tokens', async () => {
    await leaveUnsaved({
      tokenHeaders: { 'x-token': 'secret-of-the-token' },
      requestHeaders: () => ({ authorization: 'secret-of-the-request' }),
    });
    expect(stored()).to.have.length(1);
    expect(stored().join()).to.contain(key).and.not.to.contain('secret');
  });

  it('is not sent to another URL', async () => {
    await leaveUnsaved();
    expect(await sendsEntries(uniqueName(), { identity: 'ada' })).to.equal(false);
  });

  it('is not sent with outbox="off"', async () => {
    const scope = await leaveUnsaved();
    expect(await sendsEntries(scope, { identity: 'ada', outbox: 'off' })).to.equal(false);
  });

  it('stores nothing with outbox="off"', async () => {
    await leaveUnsaved({ outbox: 'off' });
    expect(stored()).to.deep.equal([]);
  });

  it('keeps and reports what could not be stored this time either', async () => {
    const scope = await leaveUnsaved();
    await control(scope, { behaviour: [{ method: 'POST', path: 'connections', status: 403 }] });
    const errorEvent = nextEvent('pica-error');
    const button = await mountButton({ connectionsUrl: connectionsUrl(scope), identity: 'ada' });
    const { error } = (await errorEvent).detail;
    expect(error.code).to.equal('save-failed');
    expect(error.connection).to.have.property('key', key);
    await until(() => button.status === 'unsaved');
    expect(stored()).to.have.length(1);
    await control(scope, { behaviour: [] });
    button.retrySave();
    await until(() => button.status === 'idle');
    expect(stored()).to.deep.equal([]);
  });

  it('is sent by only one of many elements', async () => {
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

  it('reports a failure once, even with many elements', async () => {
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

  it('leaves an element idle if it is empty', async () => {
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

  for (const [description, locks] of [
    ['does not support Web Locks', undefined],
    [
      'refuses them',
      { request: () => Promise.reject(new DOMException('access denied', 'SecurityError')) },
    ],
  ] as const) {
    it(`is sent if the browser ${description}`, async () => {
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

  it('is sent to the same URL in another notation', async () => {
    const scope = await leaveUnsaved();
    const withoutScheme = connectionsUrl(scope).replace(location.protocol, '');
    await mountButton({ connectionsUrl: withoutScheme, identity: 'ada' });
    await until(() => stored().length === 0);
  });

  it('is sent when the browser is online again', async () => {
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

  it('sends the rest if some entries are refused for good', async () => {
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
    // Each failure is reported, and retrySave() retries all of them.
    expect(errors).to.have.length(5);
    expect(stored()).to.have.length(5);
    button.retrySave();
    await until(() => button.status === 'idle');
    expect(stored()).to.deep.equal([]);
  });

  it('stops when a server is down, and reports what it has tried', async () => {
    // This also shortens all timers from here on.
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

  it('does not make a list reload if nothing was stored', async () => {
    const scope = uniqueName();
    leaveEntries(connectionsUrl(scope), [key]);
    await control(scope, { behaviour: [{ method: 'POST', path: 'connections', status: 400 }] });
    const errorEvent = nextEvent('pica-error');
    const list = await mountList({ connectionsUrl: connectionsUrl(scope), identity: 'ada' });
    await errorEvent;
    await until(() => !list.busy);
    const received = await requests(scope);
    expect(received.filter(({ method }) => method === 'GET')).to.have.length(1);
  });

  it('is sent again when the headers arrive after the element', async () => {
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

  it('settles the save of one element when another has sent the entry', async () => {
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

  it('leaves two elements unsaved if neither could send the entry', async () => {
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
});
