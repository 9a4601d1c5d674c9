import { expect } from '@open-wc/testing';
import {
  mountButton,
  mountList,
  nextEvent,
  openAuthKit,
  record,
  stage,
  succeed,
  until,
} from '../fixtures/elements.js';
import {
  button,
  connection,
  disconnect,
  loadList,
  nameOf,
  offers,
  rows,
  textOf,
  announcement,
} from '../fixtures/list.js';
import { endpoints } from '../fixtures/servers/origins.js';
import {
  control,
  nextRequest,
  release,
  requests,
  uniqueName,
} from '../fixtures/servers/puppet-client.js';

const gets = async (scope: string) =>
  (await requests(scope)).filter(({ method }) => method === 'GET');

const visibility = Object.getOwnPropertyDescriptor(Document.prototype, 'visibilityState') ?? {};

/** Simulates that the page becomes visible or hidden. */
const setVisibility = (state: DocumentVisibilityState) => {
  Object.defineProperty(Document.prototype, 'visibilityState', { ...visibility, get: () => state });
  document.dispatchEvent(new Event('visibilitychange'));
};

describe('a list that loads again', () => {
  it('reloads when the identity changes, and hides the previous user’s rows at once', async () => {
    const scope = uniqueName();
    await control(scope, { connections: { rows: [connection({ key: 'ada', name: 'Ada' })] } });
    const list = await loadList(scope, { identity: 'ada' });
    await control(scope, {
      behaviour: [{ method: 'GET', path: 'connections', hold: true, times: 1, body: [] }],
    });
    const loaded = nextEvent('pica-load');
    list.identity = 'grace';
    await nextRequest(scope, { method: 'GET', state: 'held' });
    await list.updateComplete;
    expect(list.connections).to.deep.equal([]);
    await release(scope);
    await loaded;
    expect(list.connections).to.deep.equal([]);
  });

  it('reads all pages of a paged endpoint', async () => {
    const scope = uniqueName();
    await control(scope, {
      behaviour: [
        {
          path: 'connections',
          times: 1,
          body: { rows: [connection({ key: '1' })], page: 1, pages: 3 },
        },
        {
          path: 'connections',
          times: 1,
          body: { rows: [connection({ key: '2' })], page: 2, pages: 3 },
        },
        {
          path: 'connections',
          times: 1,
          body: { rows: [connection({ key: '3' })], page: 3, pages: 3 },
        },
      ],
    });
    const list = await loadList(scope);
    expect(list.connections.map(({ key }) => key)).to.deep.equal(['1', '2', '3']);
    expect((await gets(scope)).map(({ query }) => query.page)).to.deep.equal([undefined, '2', '3']);
  });

  it('stops if an endpoint claims to have endless pages', async () => {
    const scope = uniqueName();
    await control(scope, {
      behaviour: [
        { path: 'connections', times: 1, body: { rows: [connection()], page: 1, pages: 1e9 } },
        { path: 'connections', body: { rows: [], page: 2, pages: 1e9 } },
      ],
    });
    const list = await loadList(scope);
    expect(rows(list)).to.have.length(1);
    expect(await gets(scope)).to.have.length(2);
  });

  it('reloads when the page becomes visible after more than a minute', async () => {
    const scope = uniqueName();
    await loadList(scope);
    const now = Date.now;
    try {
      setVisibility('hidden');
      Date.now = () => now() + 59_000;
      setVisibility('visible');
      Date.now = () => now() + 61_000;
      setVisibility('hidden');
      const loaded = nextEvent('pica-load');
      setVisibility('visible');
      await loaded;
      expect(await gets(scope)).to.have.length(2);
    } finally {
      Date.now = now;
      Object.defineProperty(Document.prototype, 'visibilityState', visibility);
    }
  });

  it('shows a new connection at once, and later what the endpoint returns', async () => {
    const scope = uniqueName();
    const list = await loadList(scope);
    const authkit = await mountButton();
    let finishSave!: () => void;
    authkit.addEventListener('pica-success', (event) => {
      event.waitUntil(new Promise<void>((resolve) => (finishSave = resolve)));
    });
    const { frame } = await openAuthKit(authkit);
    succeed(frame, record('live::gmail::default::new'));
    await until(() => rows(list).length === 1);
    // A response from before the save doesn't remove the row.
    await list.refresh();
    await list.updateComplete;
    expect(rows(list)).to.have.length(1);
    await control(scope, {
      connections: { rows: [record('live::gmail::default::new', { state: 'degraded' })] },
    });
    const loaded = nextEvent('pica-load');
    finishSave();
    await loaded;
    expect(list.connections.map(({ state }) => state)).to.deep.equal(['degraded']);
  });

  it('keeps the connections if the integrations fail to load, with a message', async () => {
    const scope = uniqueName();
    await control(scope, {
      connections: { rows: [connection()] },
      behaviour: [{ path: 'integrations', status: 500 }],
    });
    const list = await loadList(scope, { integrationsUrl: `${endpoints}/${scope}/integrations` });
    expect(rows(list).map(nameOf)).to.deep.equal(['Gmail']);
    const message = 'What else can be connected could not be loaded';
    await until(() => list.shadowRoot?.textContent.includes(message) === true);
    await control(scope, { behaviour: [], integrations: { rows: [{ platform: 'x', name: 'X' }] } });
    button(list, 'Retry').click();
    await until(() => offers(list).length === 1);
  });

  it('renders once for each thing that it shows: the skeleton, the rows and the offers', async () => {
    const scope = uniqueName();
    await control(scope, {
      connections: { rows: [connection()] },
      behaviour: [{ path: 'integrations', hold: true, body: { rows: [{ platform: 'x' }] } }],
    });
    const list = document.createElement('pica-connections-list');
    list.connectionsUrl = `${endpoints}/${scope}/connections`;
    list.integrationsUrl = `${endpoints}/${scope}/integrations`;
    const shown: string[] = [];
    list.addController({
      hostUpdated() {
        const isLoading = textOf(list)?.includes('Loading connections') === true;
        shown.push(isLoading ? 'skeleton' : `${rows(list).length} + ${offers(list).length}`);
      },
    });
    const loaded = nextEvent('pica-load');
    stage.append(list);
    await list.updateComplete;
    expect(list.hasAttribute('busy')).to.equal(true);
    await loaded;
    expect(list.hasAttribute('busy')).to.equal(false);
    await nextRequest(scope, { state: 'held' });
    await release(scope);
    await until(() => offers(list).length === 1);
    // A needless update would follow within microtasks.
    await new Promise((resolve) => setTimeout(resolve));
    expect(shown).to.deep.equal(['skeleton', '1 + 0', '1 + 1']);
  });

  it('renders once if the page gives it connections and integrations at once', async () => {
    const list = document.createElement('pica-connections-list');
    let updates = 0;
    list.addController({
      hostUpdated() {
        updates += 1;
      },
    });
    stage.append(list);
    list.connections = [connection()];
    list.integrations = [{ platform: 'x', name: 'X' }];
    await list.updateComplete;
    await new Promise((resolve) => setTimeout(resolve));
    expect([rows(list).length, offers(list).length, updates]).to.deep.equal([1, 1, 1]);
  });

  it('shows the age of the rows if they could not be reloaded', async () => {
    const scope = uniqueName();
    await control(scope, { connections: { rows: [connection()] } });
    const list = await loadList(scope);
    await control(scope, { behaviour: [{ path: 'connections', status: 500 }] });
    await list.refresh();
    await list.updateComplete;
    expect(list.shadowRoot?.querySelector('[role="alert"]')?.textContent).to.match(
      /could not be loaded again\. These are of \d/,
    );
  });

  it('never replaces newer rows with an older response', async () => {
    const scope = uniqueName();
    await control(scope, {
      behaviour: ['first', 'second', 'third'].map((platform) => ({
        path: 'connections',
        times: 1,
        hold: true,
        body: [connection({ key: platform, platform })],
      })),
    });
    const list = await mountList({ connectionsUrl: `${endpoints}/${scope}/connections` });
    await nextRequest(scope, { index: 0, state: 'held' });
    void list.refresh();
    const last = list.refresh();
    await nextRequest(scope, { index: 0, state: 'aborted' });
    await nextRequest(scope, { state: 'held' });
    await release(scope);
    await last;
    await list.updateComplete;
    expect(rows(list)).to.have.length(1);
    expect(rows(list).map(nameOf)).to.not.deep.equal(['First']);
  });

  it('shows no rows of the previous user if the new user’s fail to load', async () => {
    const scope = uniqueName();
    await control(scope, { connections: { rows: [connection()] } });
    const list = await loadList(scope, { requestHeaders: { 'x-user-id': 'ada' } });
    await control(scope, { behaviour: [{ path: 'connections', status: 401 }] });
    const errorEvent = nextEvent('pica-error');
    list.requestHeaders = { 'x-user-id': 'grace' };
    await errorEvent;
    await list.updateComplete;
    expect(rows(list)).to.have.length(0);
  });

  it('aborts its requests when the page provides the data', async () => {
    const scope = uniqueName();
    await control(scope, { behaviour: [{ path: 'connections', hold: true }] });
    const list = await mountList({ connectionsUrl: `${endpoints}/${scope}/connections` });
    await nextRequest(scope, { state: 'held' });
    list.connectionsUrl = null;
    list.connections = [connection({ platform: 'mine' })];
    await nextRequest(scope, { state: 'aborted' });
    await list.updateComplete;
    expect(rows(list).map(nameOf)).to.deep.equal(['Mine']);
  });

  it('hides the error of a connections-url that has been replaced', async () => {
    const scope = uniqueName();
    const other = uniqueName();
    await control(scope, { behaviour: [{ path: 'connections', status: 500 }] });
    await control(other, { behaviour: [{ path: 'connections', hold: true }] });
    const errorEvent = nextEvent('pica-error');
    const list = await mountList({ connectionsUrl: `${endpoints}/${scope}/connections` });
    await errorEvent;
    list.connectionsUrl = `${endpoints}/${other}/connections`;
    await nextRequest(other, { state: 'held' });
    await list.updateComplete;
    expect(list.shadowRoot?.querySelector('[role="alert"]')).to.equal(null);
    expect(announcement(list)).to.equal('Loading connections…');
  });

  it('still shows that it loads for a new user while the previous one’s DELETE ends', async () => {
    const scope = uniqueName();
    await control(scope, {
      connections: { rows: [connection()] },
      behaviour: [
        {
          method: 'DELETE',
          path: `connections/${encodeURIComponent(connection().key)}`,
          hold: true,
        },
      ],
    });
    const list = await loadList(scope, { requestHeaders: { 'x-user-id': 'ada' } });
    await disconnect(list, 'Gmail');
    const deletion = await nextRequest(scope, { method: 'DELETE', state: 'held' });
    await control(scope, { behaviour: [{ path: 'connections', hold: true }] });
    list.requestHeaders = { 'x-user-id': 'grace' };
    await nextRequest(scope, { method: 'GET', state: 'held' });
    await release(scope, deletion.index);
    // The list removes the row now and requests the rows again, so the pending request is aborted.
    await nextRequest(scope, { method: 'GET', state: 'aborted' });
    await nextRequest(scope, { method: 'GET', state: 'held' });
    await list.updateComplete;
    expect(list.shadowRoot?.textContent).to.not.contain('Nothing is connected');
    expect(announcement(list)).to.contain('Loading connections…');
  });

  it('shows no offers while it loads, even after a connection was added', async () => {
    const scope = uniqueName();
    await control(scope, { behaviour: [{ path: 'connections', hold: true }] });
    const list = await mountList({
      connectionsUrl: `${endpoints}/${scope}/connections`,
      integrations: [{ platform: 'slack', name: 'Slack' }],
    });
    await nextRequest(scope, { state: 'held' });
    document.dispatchEvent(
      new CustomEvent('pica-success', {
        detail: { connection: connection() },
      }),
    );
    await until(() => rows(list).length === 1);
    expect(offers(list)).to.have.length(0);
  });

  it('resolves all calls of refresh() when the newest one has ended', async () => {
    const scope = uniqueName();
    const list = await loadList(scope);
    await control(scope, { behaviour: [{ path: 'connections', hold: true }] });
    let ended = 0;
    const refreshes = [1, 2, 3].map(() => list.refresh().then(() => (ended += 1)));
    await nextRequest(scope, { state: 'held' });
    await until(() => list.busy);
    await list.updateComplete;
    expect(ended).to.equal(0);
    await release(scope);
    await Promise.all(refreshes);
    expect(list.busy).to.equal(false);
  });

  it('reloads when the page becomes visible, even after a failed load', async () => {
    const scope = uniqueName();
    await control(scope, { behaviour: [{ path: 'connections', status: 500, times: 1 }] });
    const errorEvent = nextEvent('pica-error');
    await mountList({ connectionsUrl: `${endpoints}/${scope}/connections` });
    await errorEvent;
    const now = Date.now;
    try {
      Date.now = () => now() + 61_000;
      const loaded = nextEvent('pica-load');
      setVisibility('visible');
      await loaded;
    } finally {
      Date.now = now;
      Object.defineProperty(Document.prototype, 'visibilityState', visibility);
    }
  });

  it('accepts a pica-success of another copy, but no invalid one', async () => {
    const list = await mountList();
    for (const detail of [{ connection: connection() }, { connection: 7 }, null]) {
      document.dispatchEvent(new CustomEvent('pica-success', { detail }));
    }
    await list.updateComplete;
    expect(rows(list).map(nameOf)).to.deep.equal(['Gmail']);
  });

  it('shows no offers before it knows what is connected', async () => {
    const scope = uniqueName();
    await control(scope, { behaviour: [{ path: 'connections', hold: true }] });
    const list = await mountList({
      connectionsUrl: `${endpoints}/${scope}/connections`,
      integrations: [{ platform: 'gmail', name: 'Gmail' }],
    });
    await nextRequest(scope, { state: 'held' });
    expect(offers(list)).to.have.length(0);
    const loaded = nextEvent('pica-load');
    await release(scope);
    await loaded;
    await list.updateComplete;
    expect(offers(list)).to.have.length(1);
  });

  it('shares no rows with other lists', async () => {
    const scopes = [uniqueName(), uniqueName()] as const;
    await control(scopes[0], { connections: { rows: [connection({ platform: 'one' })] } });
    await control(scopes[1], { connections: { rows: [connection({ platform: 'two' })] } });
    const [first, second] = [await loadList(scopes[0]), await loadList(scopes[1])];
    expect(rows(first).map(nameOf)).to.deep.equal(['One']);
    expect(rows(second).map(nameOf)).to.deep.equal(['Two']);
  });
});
