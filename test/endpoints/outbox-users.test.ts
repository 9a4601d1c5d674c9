import { expect } from '@open-wc/testing';
import {
  exit,
  mountButton,
  nextEvent,
  openAuthKit,
  recordEvents,
  stage,
  succeed,
  until,
} from '../fixtures/elements.js';
import { control, release, uniqueName } from '../fixtures/servers/puppet-client.js';
import { loadList } from '../fixtures/list.js';
import { connect, connectionsUrl, waitForPosts, posts } from '../fixtures/saving.js';
import {
  key,
  stored,
  itemOf,
  leaveEntries,
  leaveUnsaved,
  sendsEntries,
  waitForHeldPosts,
  startSave,
} from '../fixtures/outbox.js';

describe('the outbox', () => {
  it('is not sent for another user', async () => {
    const scope = await leaveUnsaved();
    expect(await sendsEntries(scope, { identity: 'grace' })).to.equal(false);
  });

  it('is not sent without an identity', async () => {
    const scope = await leaveUnsaved();
    expect(await sendsEntries(scope, {})).to.equal(false);
  });

  it('stores nothing without an identity', async () => {
    await leaveUnsaved({ identity: null });
    expect(stored()).to.deep.equal([]);
  });

  it('stops retrying for another user, even with outbox="off"', async () => {
    const { scope, button } = await startSave({ outbox: 'off' });
    const errorEvent = nextEvent('pica-error');
    button.identity = 'grace';
    await release(scope);
    await errorEvent;
    expect(await posts(scope)).to.have.length(1);
  });

  it('stops retrying for a user who has signed out', async () => {
    const { scope, button } = await startSave();
    const errorEvent = nextEvent('pica-error');
    button.identity = 'grace';
    await release(scope);
    expect((await errorEvent).detail.error.message).to.contain('the user');
    expect(await posts(scope)).to.have.length(1);
    // Grace can't retry it, but Ada's next page will.
    button.retrySave();
    expect(button.status).to.equal('open');
    expect(stored()).to.have.length(1);
  });

  it('stops sending for a user who has signed out, and reports pending requests as failed', async () => {
    // This also shortens all timers from here on.
    await leaveUnsaved();
    const scope = uniqueName();
    const keys = Array.from({ length: 8 }, (_, index) => `k${index}`);
    leaveEntries(connectionsUrl(scope), keys);
    await control(scope, {
      behaviour: [{ method: 'POST', path: 'connections', hold: true, status: 500 }],
    });
    const button = await mountButton({ connectionsUrl: connectionsUrl(scope), identity: 'ada' });
    await waitForHeldPosts(scope, 4);
    const { names } = recordEvents(stage);
    button.identity = 'grace';
    await release(scope);
    await until(() => button.status === 'idle');
    expect(names).to.deep.equal(Array.from({ length: 4 }, () => 'pica-error'));
    expect(await posts(scope)).to.have.length(4);
  });

  it('keeps a connection for the user who opened AuthKit, and for nobody else', async () => {
    const scope = uniqueName();
    const url = connectionsUrl(scope);
    const list = await loadList(scope, { identity: 'ada' });
    const button = await mountButton({ connectionsUrl: url, identity: 'ada', name: 'key' });
    const { frame, closed } = await openAuthKit(button);
    list.identity = 'grace';
    button.identity = 'grace';
    await nextEvent('pica-load', list);
    const { names } = recordEvents(button);
    const errorEvent = nextEvent('pica-error', button);
    succeed(frame);
    const { error } = (await errorEvent).detail;
    expect(error.code).to.equal('save-failed');
    expect(error.connection?.key).to.equal(key);
    exit(frame);
    await closed;
    // Neither the page, which would store it for Grace, nor her form or her list received it.
    expect(names).to.deep.equal(['pica-error', 'pica-close']);
    expect(button.value).to.equal('');
    expect(button.status).to.equal('idle');
    expect(list.connections).to.deep.equal([]);
    button.retrySave();
    expect(Object.keys(localStorage)).to.deep.equal([itemOf(url, key)]);
    expect(await posts(scope)).to.have.length(0);
    button.identity = 'ada';
    await waitForPosts(scope, 1);
    await until(() => button.status === 'idle' && stored().length === 0);
  });

  it('offers a connection to the page again when its user is back, if the page saves it', async () => {
    const button = await mountButton({ identity: 'ada' });
    const { frame, closed } = await openAuthKit(button);
    button.identity = null;
    const errorEvent = nextEvent('pica-error', button);
    succeed(frame);
    await errorEvent;
    exit(frame);
    await closed;
    button.identity = 'ada';
    await until(() => button.status === 'unsaved');
    const successEvent = nextEvent('pica-success', button);
    button.retrySave();
    expect((await successEvent).detail.connection.key).to.equal(key);
  });

  it('accepts an identity that is set after the opening', async () => {
    const scope = uniqueName();
    const button = await mountButton({ connectionsUrl: connectionsUrl(scope) });
    const { frame } = await openAuthKit(button);
    button.identity = 'ada';
    succeed(frame);
    await waitForPosts(scope, 1);
    await until(() => button.status === 'open');
  });

  it('allows a retry if the identity is set after the failure', async () => {
    const { scope, button } = await startSave({ identity: null });
    const errorEvent = nextEvent('pica-error');
    button.identity = 'ada';
    await release(scope);
    await errorEvent;
    await until(() => button.status === 'unsaved' || button.status === 'open');
    await control(scope, { behaviour: [] });
    button.retrySave();
    await waitForPosts(scope, 2);
  });

  it('hides a user’s failed save from other users', async () => {
    const { scope, button } = await startSave();
    const list = await loadList(scope, { identity: 'ada' });
    const errorEvent = nextEvent('pica-error');
    const loaded = nextEvent('pica-load', list);
    list.identity = 'grace';
    button.identity = 'grace';
    await loaded;
    await release(scope);
    expect((await errorEvent).detail.error.code).to.equal('save-failed');
    expect(list.connections).to.deep.equal([]);
  });

  it('stops retrying if connections-url has changed', async () => {
    const { scope, button } = await startSave();
    const errorEvent = nextEvent('pica-error');
    button.connectionsUrl = connectionsUrl(uniqueName());
    await release(scope);
    expect((await errorEvent).detail.error.code).to.equal('save-failed');
    expect(await posts(scope)).to.have.length(1);
  });

  it('reports in debug that it needs an identity', async () => {
    const button = await mountButton({ connectionsUrl: connectionsUrl(uniqueName()), debug: true });
    await connect(button);
    await button.updateComplete;
    expect(button.shadowRoot?.textContent).to.contain('identity');
  });
});
