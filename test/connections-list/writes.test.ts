import { expect } from '@open-wc/testing';
import { type Connection, type PicaConnectionsList, PicaSuccessEvent } from '../../src/classes.js';
import {
  mountButton,
  mountList,
  nextEvent,
  part,
  recordEvents,
  until,
} from '../fixtures/elements.js';
import { pausedTimers, pauseTimers, runPausedTimer } from '../fixtures/paused-timers.js';
import { connection, disconnect, loadList, rows, announcement } from '../fixtures/list.js';
import { connectionsUrl } from '../fixtures/saving.js';
import { control, requests, uniqueName } from '../fixtures/servers/puppet-client.js';

/*
 * Reads may lag behind writes, for example behind a replica or a cache. An outdated response must not undo what this
 * page has done itself.
 */

const gets = async (scope: string) =>
  (await requests(scope)).filter(({ method }) => method === 'GET').length;

/** Records the list's content after each load from now on. */
const recordLoads = (list: PicaConnectionsList): string[][] => {
  const loads: string[][] = [];
  list.addEventListener('pica-load', ({ detail }) => {
    loads.push(detail.connections.map(({ key, state }) => `${key} ${state}`));
  });
  return loads;
};

/** Runs the paused timer, and waits until the list has reloaded. */
const reloadNow = async (list: PicaConnectionsList): Promise<void> => {
  const loaded = nextEvent('pica-load', list);
  runPausedTimer();
  await loaded;
  await list.updateComplete;
};

/** Dispatches a saved connection, as another element on the page would. */
const succeed = async (list: PicaConnectionsList, saved: Connection): Promise<void> => {
  const loaded = nextEvent('pica-load', list);
  document.dispatchEvent(new PicaSuccessEvent({ connection: saved }));
  await loaded;
  await list.updateComplete;
};

/** Mounts a list with these rows, whose endpoint keeps returning them for a number of requests. */
const mountLagging = async (before: Connection[], times?: number) => {
  const scope = uniqueName();
  await control(scope, { connections: { rows: [...before] as never } });
  const list = await loadList(scope);
  await control(scope, {
    behaviour: [{ method: 'GET', path: 'connections', body: before, times }],
  });
  pauseTimers();
  return { scope, list, loads: recordLoads(list) };
};

const gmail = connection({ key: 'gmail' });
const failed = connection({ key: 'gmail', state: 'failed' });

/** Disconnects Gmail, and waits until the list has reloaded. */
const disconnectGmail = async (list: PicaConnectionsList) => {
  const loaded = nextEvent('pica-load', list);
  await disconnect(list, 'Gmail');
  await loaded;
  await list.updateComplete;
};

describe('while reads lag behind writes,', () => {
  it('a disconnected row stays hidden, and the list reloads until the endpoint agrees', async () => {
    const { scope, list, loads } = await mountLagging([gmail], 3);
    await disconnectGmail(list);
    expect(pausedTimers()).to.deep.equal([1]);
    await reloadNow(list);
    expect(pausedTimers()).to.deep.equal([3]);
    await reloadNow(list);
    expect(pausedTimers()).to.deep.equal([10]);
    await reloadNow(list);
    expect(pausedTimers()).to.deep.equal([]);
    expect(loads).to.deep.equal([[], [], [], []]);
    expect(announcement(list)).to.equal('Gmail was disconnected.');
    expect(await gets(scope)).to.equal(5);
  });

  for (const status of [204, 404]) {
    it(`a row that is still there ten seconds after DELETE returned ${status} comes back, with an error`, async () => {
      const { scope, list } = await mountLagging([gmail]);
      await control(scope, {
        behaviour: [
          { method: 'DELETE', path: 'connections', status },
          { method: 'GET', path: 'connections', body: [gmail] },
        ],
      });
      const { names } = recordEvents(list);
      await disconnectGmail(list);
      await reloadNow(list);
      await reloadNow(list);
      expect(rows(list)).to.have.length(0);
      expect(names).to.deep.equal(['pica-load', 'pica-load', 'pica-load']);
      const errorEvent = nextEvent('pica-error', list);
      const elsewhere = document.createElement('button');
      list.before(elsewhere);
      elsewhere.focus();
      await reloadNow(list);
      // The error must not move the user's focus.
      expect(document.activeElement).to.equal(elsewhere);
      const { error } = (await errorEvent).detail;
      expect(error.code).to.equal('disconnect-failed');
      expect(error.connection?.key).to.equal('gmail');
      expect(rows(list)).to.have.length(1);
      expect(list.shadowRoot?.querySelector('[role="alert"]')?.textContent).to.contain(
        'could not be disconnected',
      );
      expect(announcement(list)).to.equal('');
      expect(pausedTimers()).to.deep.equal([]);
      expect(await gets(scope)).to.equal(5);
    });
  }

  it('a new row stays until the endpoint returns it', async () => {
    const { list, loads, scope } = await mountLagging([], 2);
    await control(scope, { connections: { rows: [{ ...gmail }] } });
    await succeed(list, gmail);
    await reloadNow(list);
    await reloadNow(list);
    expect(loads).to.deep.equal([
      ['gmail operational'],
      ['gmail operational'],
      ['gmail operational'],
    ]);
    expect(pausedTimers()).to.deep.equal([]);
  });

  it('a new row disappears if the endpoint does not return it within ten seconds', async () => {
    const { list } = await mountLagging([]);
    await succeed(list, gmail);
    await reloadNow(list);
    await reloadNow(list);
    expect(rows(list)).to.have.length(1);
    await reloadNow(list);
    expect(rows(list)).to.have.length(0);
    expect(pausedTimers()).to.deep.equal([]);
  });

  it('a reconnected row is shown as connected, even if the endpoint still returns the failed state', async () => {
    const { list, loads, scope } = await mountLagging([{ ...failed, name: 'me@example.org' }], 2);
    await control(scope, { connections: { rows: [{ ...gmail, name: 'me@example.org' }] } });
    await succeed(list, gmail);
    expect(part(list, 'state').textContent).to.equal('Connected');
    expect(part(list, 'account').textContent).to.equal('me@example.org');
    await reloadNow(list);
    await reloadNow(list);
    expect(loads.flat()).to.deep.equal(Array(3).fill('gmail operational'));
    expect(pausedTimers()).to.deep.equal([]);
  });

  it('a reconnected row gets a new state from the endpoint', async () => {
    const { list, loads, scope } = await mountLagging([failed], 0);
    await control(scope, { connections: { rows: [{ ...gmail, state: 'degraded' }] } });
    await succeed(list, gmail);
    expect(loads).to.deep.equal([['gmail degraded']]);
    expect(pausedTimers()).to.deep.equal([]);
  });

  it('a refresh() of the page ends the reloads if it agrees', async () => {
    const { list } = await mountLagging([gmail], 1);
    await disconnectGmail(list);
    expect(pausedTimers()).to.deep.equal([1]);
    await list.refresh();
    expect(pausedTimers()).to.deep.equal([]);
  });

  it('a row that is created again after its deletion was confirmed is shown', async () => {
    const { list, scope } = await mountLagging([gmail], 0);
    await disconnectGmail(list);
    await control(scope, { connections: { rows: [{ ...gmail }] } });
    await list.refresh();
    await list.updateComplete;
    expect(rows(list)).to.have.length(1);
  });

  it('the list stops reloading when it is removed from the document', async () => {
    const { list } = await mountLagging([gmail]);
    await disconnectGmail(list);
    expect(pausedTimers()).to.deep.equal([1]);
    list.remove();
    expect(pausedTimers()).to.deep.equal([]);
  });

  it('another user’s list is not affected', async () => {
    const { list } = await mountLagging([]);
    list.identity = 'ada';
    await nextEvent('pica-load', list);
    await succeed(list, gmail);
    const loaded = nextEvent('pica-load', list);
    list.identity = 'grace';
    await loaded;
    await list.updateComplete;
    expect(rows(list)).to.have.length(0);
    expect(pausedTimers()).to.deep.equal([]);
  });

  it('the page’s own data wins', async () => {
    pauseTimers();
    const list = await mountList({ connections: [gmail] });
    document.dispatchEvent(new PicaSuccessEvent({ connection: connection({ key: 'new' }) }));
    await until(() => rows(list).length === 2);
    list.connections = [gmail];
    await list.updateComplete;
    expect(rows(list)).to.have.length(1);
    expect(pausedTimers()).to.deep.equal([]);
  });

  for (const [description, properties] of [
    ['another user', { identity: 'grace' }],
    ['another connections-url', { connectionsUrl: connectionsUrl('elsewhere') }],
  ] as const) {
    it(`a connection for ${description} is not shown`, async () => {
      const { list } = await mountLagging([]);
      list.identity = 'ada';
      await nextEvent('pica-load', list);
      const button = await mountButton(properties);
      const loaded = nextEvent('pica-load', list);
      button.dispatchEvent(new PicaSuccessEvent({ connection: gmail }));
      expect(list.connections).to.have.length(0);
      await loaded;
      expect(pausedTimers()).to.deep.equal([]);
    });
  }
});
