import { expect } from '@open-wc/testing';
import type { PicaConnectButton, PicaConnectionsList } from '../../src/classes.js';
import { mount, mountButton, until } from '../fixtures/elements.js';
import { control, nextRequest, release, uniqueName } from '../fixtures/servers/puppet-client.js';
import type { Row } from '../fixtures/servers/protocol.js';
import { disconnect, loadList } from '../fixtures/list.js';
import { connect, connectionsUrl, posts } from '../fixtures/saving.js';
import {
  key,
  stored,
  leaveEntries,
  leaveUnsaved,
  sentKeys,
  waitForHeldPosts,
  startSave,
} from '../fixtures/outbox.js';

/** Simulates another tab by a frame, which has its own document and its own copy of the package. */
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

describe('the outbox', () => {
  it('is not sent while another tab is sending it', async () => {
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

  it('skips entries that another tab has stored while they were queued', async () => {
    const scope = uniqueName();
    const properties = { connectionsUrl: connectionsUrl(scope), identity: 'ada' };
    leaveEntries(properties.connectionsUrl, ['k1', 'k2', 'k3', 'k4', 'k5']);
    await control(scope, {
      behaviour: [{ method: 'POST', path: 'connections', hold: true, times: 4 }],
    });
    const button = await mountButton(properties);
    await waitForHeldPosts(scope, 4);
    await mountInAnotherTab(properties);
    await until(() => stored().length === 4);
    await release(scope);
    await until(() => stored().length === 0 && button.status === 'idle');
    expect((await posts(scope)).map(({ body }) => (body as Row).connection_key)).to.have.members([
      ...['k1', 'k2', 'k3', 'k4', 'k5'],
    ]);
  });

  it('sends all queued entries, even if the page clears its storage', async () => {
    const scope = uniqueName();
    const keys = ['k1', 'k2', 'k3', 'k4', 'k5'];
    leaveEntries(connectionsUrl(scope), keys);
    await control(scope, {
      behaviour: [{ method: 'POST', path: 'connections', hold: true, times: 4 }],
    });
    const button = await mountButton({ connectionsUrl: connectionsUrl(scope), identity: 'ada' });
    await waitForHeldPosts(scope, 4);
    localStorage.clear();
    await release(scope);
    await until(() => button.status === 'idle');
    expect(await sentKeys(scope)).to.have.members(keys);
  });

  it('does not retry a connection that was disconnected in another tab', async () => {
    const { scope, button } = await startSave();
    await control(scope, { connections: { rows: [{ key, platform: 'gmail' }] } });
    const properties = { connectionsUrl: connectionsUrl(scope), identity: 'ada' };
    const list = await mountInAnotherTab(properties, 'pica-connections-list');
    const click = async (action: string) => {
      const findControl = () =>
        list.shadowRoot?.querySelector<HTMLElement>(`[data-action="${action}"]`);
      if (!findControl()) await until(() => Boolean(findControl()));
      findControl()?.click();
      // In the next task, the open AuthKit takes the focus back, and the row stops asking.
      await list.updateComplete;
    };
    await click('ask');
    await click('confirm');
    await until(() => stored().length === 0);
    await release(scope);
    await until(() => button.status === 'open');
    expect(await posts(scope)).to.have.length(1);
  });

  for (const outbox of ['auto', 'off'] as const) {
    it(`does not retry a connection that was disconnected on the same page, with outbox="${outbox}"`, async () => {
      const { scope, button } = await startSave({ outbox });
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

  it('does not restore a disconnected connection', async () => {
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

  for (const endpoint of ['connections-url', 'the page'] as const) {
    it(`leaves no button unsaved after a disconnect by ${endpoint}`, async () => {
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
        if (endpoint === 'connections-url') return;
        event.preventDefault();
        event.waitUntil(Promise.resolve());
      });
      await disconnect(list, 'Gmail');
      await until(() => button.status === 'idle');
      expect(stored()).to.deep.equal([]);
    });
  }
});
