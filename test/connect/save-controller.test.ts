import { expect } from '@open-wc/testing';
import {
  exit,
  mountButton,
  mountList,
  nextEvent,
  part,
  record,
  spyOn,
  succeed,
  until,
  visibleFrame,
} from '../fixtures/elements.js';
import { button as buttonOf, integration, loadList, nameOf, rows } from '../fixtures/list.js';
import { endpoints, otherOrigin } from '../fixtures/servers/origins.js';
import {
  control,
  nextRequest,
  puppetUrl,
  release,
  requests,
  uniqueName,
} from '../fixtures/servers/puppet-client.js';
import {
  connect,
  connectionsUrl,
  waitForPosts,
  mountStoringButton,
  posts,
  saveEnded,
} from '../fixtures/saving.js';

describe('connections-url', () => {
  it('receives each new connection', async () => {
    const { scope, button } = await mountStoringButton();
    await connect(button, 'test::gmail::default::abc|ada', { environment: 'test', name: 'Work' });
    expect((await nextRequest(scope, { method: 'POST', path: 'connections' })).body).to.deep.equal({
      platform: 'gmail',
      connection_key: 'test::gmail::default::abc|ada',
      environment: 'test',
      state: 'operational',
      name: 'Work',
    });
  });

  it('receives no name if the connection has none', async () => {
    const { scope, button } = await mountStoringButton();
    await connect(button);
    const { body, headers } = await nextRequest(scope, { method: 'POST' });
    expect(body).to.have.all.keys('platform', 'connection_key', 'environment', 'state');
    expect(headers['content-type']).to.equal('application/json');
  });

  it('receives request-headers', async () => {
    const { scope, button } = await mountStoringButton({
      tokenHeaders: { 'x-user-id': 'token' },
      requestHeaders: () => Promise.resolve({ 'x-user-id': 'ada' }),
    });
    await connect(button);
    expect((await nextRequest(scope, { method: 'POST' })).headers['x-user-id']).to.equal('ada');
  });

  it('receives token-headers if it has the origin of token-url', async () => {
    const { scope, button } = await mountStoringButton({ tokenHeaders: { 'x-user-id': 'ada' } });
    await connect(button);
    expect((await nextRequest(scope, { method: 'POST' })).headers['x-user-id']).to.equal('ada');
  });

  it('receives no token-headers if it is on another origin', async () => {
    const { scope, button } = await mountStoringButton({
      tokenUrl: `${otherOrigin}/token`,
      tokenHeaders: { 'x-user-id': 'ada' },
    });
    await connect(button);
    const { headers } = await nextRequest(scope, { method: 'POST' });
    expect(headers).not.to.have.property('x-user-id');
  });

  it('keeps the element "saving" until it responds, even after pica-close', async () => {
    const { scope, button } = await mountStoringButton();
    await control(scope, { behaviour: [{ method: 'POST', path: 'connections', hold: true }] });
    const { frame, closed } = await connect(button);
    await nextRequest(scope, { method: 'POST', state: 'held' });
    exit(frame);
    await closed;
    expect(button.status).to.equal('saving');
    await release(scope);
    await until(() => button.status === 'idle');
  });

  it('is awaited together with a listener’s promise, and either failure leaves the element unsaved', async () => {
    const { scope, button } = await mountStoringButton();
    button.addEventListener('pica-success', (event) => {
      event.waitUntil(Promise.reject(new Error('full')));
    });
    const errorEvent = nextEvent('pica-error');
    const { frame, closed } = await connect(button);
    expect((await errorEvent).detail.error.cause).to.have.property('message', 'full');
    exit(frame);
    await closed;
    expect(button.status).to.equal('unsaved');
    expect(await posts(scope)).to.have.length(1);
  });

  it('stores the new row before a list on the page reloads', async () => {
    const scope = uniqueName();
    const list = await mountList({ connectionsUrl: connectionsUrl(scope) });
    const button = await mountButton({ connectionsUrl: connectionsUrl(scope) });
    await until(() => !list.busy);
    await connect(button);
    await until(() => list.connections.length === 1 && !list.busy && button.status === 'open');
    const received = (await requests(scope)).filter(({ method }) => method !== 'OPTIONS');
    expect(received.map(({ method }) => method)).to.deep.equal(['GET', 'POST', 'GET']);
    expect(rows(list).map(nameOf)).to.deep.equal(['Gmail']);
  });

  it('of a list receives only connections made in that list', async () => {
    const scope = uniqueName();
    const list = await mountList({
      tokenUrl: `${endpoints}/${scope}/token`,
      connectionsUrl: connectionsUrl(scope),
    });
    await until(() => !list.busy);
    const other = await mountButton();
    await connect(other);
    await until(() => list.connections.length === 1 && !list.busy);
    // The other element stores its own connections.
    expect(await posts(scope)).to.have.length(0);
  });

  it('of a list leaves the list unsaved after an error, with a Retry button', async () => {
    const scope = uniqueName();
    await control(scope, {
      behaviour: [{ method: 'POST', path: 'connections', status: 400, times: 1 }],
    });
    const list = await loadList(scope, {
      tokenUrl: `${endpoints}/${scope}/token`,
      baseUrl: puppetUrl(scope),
      integrations: [integration('gmail', 'Gmail')],
    });
    buttonOf(list, 'Connect Gmail').click();
    const frame = await visibleFrame();
    const closed = nextEvent('pica-close', list);
    const errorEvent = nextEvent('pica-error', list);
    succeed(frame);
    await errorEvent;
    exit(frame);
    await closed;
    await list.updateComplete;
    expect(part(list, 'state').innerText).to.equal('Not saved');
    buttonOf(list, 'Retry Gmail').click();
    await waitForPosts(scope, 2);
    await until(() => part(list, 'state').innerText === 'Connected');
  });

  it('receives the same connection once for each user', async () => {
    const scope = uniqueName();
    await control(scope, {
      behaviour: [{ method: 'POST', path: 'connections', hold: true, times: 1 }],
    });
    const url = connectionsUrl(scope);
    const first = await mountButton({ connectionsUrl: url, identity: 'ada' });
    const second = await mountButton({ connectionsUrl: url, identity: 'grace' });
    const { closed } = await connect(first);
    first.close();
    await closed;
    await nextRequest(scope, { method: 'POST', state: 'held' });
    await connect(second);
    await saveEnded(second);
    expect(await posts(scope)).to.have.length(2);
    await release(scope);
    await saveEnded(first);
  });

  it('receives the same connection once at a time, no matter which element sends it', async () => {
    const scope = uniqueName();
    await control(scope, {
      behaviour: [{ method: 'POST', path: 'connections', hold: true, times: 1 }],
    });
    const first = await mountButton({ connectionsUrl: connectionsUrl(scope) });
    const second = await mountButton({ connectionsUrl: connectionsUrl(scope) });
    await connect(first);
    await nextRequest(scope, { method: 'POST', state: 'held' });
    const { closed } = await connect(second);
    first.retrySave();
    second.close();
    await closed;
    expect([first.status, second.status]).to.deep.equal(['saving', 'saving']);
    await release(scope);
    await Promise.all([saveEnded(first), saveEnded(second)]);
    expect(await posts(scope)).to.have.length(1);
  });

  it('receives a connection while another URL is receiving it', async () => {
    const [first, second] = [await mountStoringButton(), await mountStoringButton()];
    await control(first.scope, {
      behaviour: [{ method: 'POST', path: 'connections', hold: true }],
    });
    await connect(first.button);
    await nextRequest(first.scope, { method: 'POST', state: 'held' });
    await connect(second.button);
    await nextRequest(second.scope, { method: 'POST', state: 'answered' });
    await release(first.scope);
    await saveEnded(first.button);
  });

  it('settles an element’s save once it has stored the connection for another element', async () => {
    const { scope, button } = await mountStoringButton();
    await control(scope, {
      behaviour: [{ method: 'POST', path: 'connections', status: 400, times: 1 }],
    });
    const { closed } = await connect(button);
    button.close();
    await closed;
    await until(() => button.status === 'unsaved');
    await connect(await mountButton({ connectionsUrl: connectionsUrl(scope) }));
    await until(() => button.status === 'idle');
  });

  it('does not settle a save at another URL', async () => {
    const { scope, button } = await mountStoringButton();
    await control(scope, { behaviour: [{ method: 'POST', path: 'connections', status: 400 }] });
    const { closed } = await connect(button);
    button.close();
    await closed;
    await until(() => button.status === 'unsaved');
    const { button: other } = await mountStoringButton();
    await connect(other);
    await until(() => other.status === 'open');
    expect(button.status).to.equal('unsaved');
  });

  it('does not settle one user’s save by another’s on the same element', async () => {
    const { scope, button } = await mountStoringButton({ identity: 'ada', outbox: 'off' });
    await control(scope, {
      behaviour: [{ method: 'POST', path: 'connections', status: 400, times: 1 }],
    });
    const first = await connect(button);
    button.close();
    await first.closed;
    await until(() => button.status === 'unsaved');
    button.identity = 'grace';
    const second = await connect(button);
    button.close();
    await second.closed;
    await until(() => button.status === 'idle');
    button.identity = 'ada';
    await button.updateComplete;
    expect(button.status).to.equal('unsaved');
  });

  it('gets nothing from a user who clicked before the code for AuthKit was there, and has left since', async () => {
    const { scope, button } = await mountStoringButton({ identity: 'ada', outbox: 'off' });
    const closed = button.open();
    // The code is loaded asynchronously, so it isn't there yet.
    button.identity = 'grace';
    const frame = await visibleFrame();
    succeed(frame, record());
    exit(frame);
    expect((await closed)?.key).to.equal(record().key);
    expect([button.value, button.status]).to.deep.equal(['', 'idle']);
    expect(await posts(scope)).to.deep.equal([]);
    button.identity = 'ada';
    await button.updateComplete;
    expect(button.status).to.equal('unsaved');
  });

  for (const [length, isKeepalive] of [
    [1000, true],
    [16_000, false],
  ] as const) {
    const condition = isKeepalive ? 'with keepalive' : 'without keepalive';
    it(`receives a name of ${length} letters ${condition}`, async () => {
      const { scope, button } = await mountStoringButton();
      const keepalives: unknown[] = [];
      const stop = spyOn(window, 'fetch', (_, [url, init]) => {
        if (String(url) === connectionsUrl(scope)) keepalives.push((init as RequestInit).keepalive);
      });
      await connect(button, undefined, { name: 'x'.repeat(length) });
      await until(() => button.status === 'open');
      stop();
      expect(keepalives).to.deep.equal([isKeepalive]);
    });
  }

  it('causes an error if it is not a URL', async () => {
    const button = await mountButton({ connectionsUrl: 'https://:::' });
    const errorEvent = nextEvent('pica-error');
    await connect(button);
    const { error } = (await errorEvent).detail;
    expect([error.code, error.message]).to.deep.equal([
      'save-failed',
      'The connection to gmail was not saved: connections-url is not a URL: "https://:::".',
    ]);
  });
});
