import { expect } from '@open-wc/testing';
import type { PicaConnectButton } from '../../src/classes.js';
import {
  exit,
  mount,
  mountButton,
  mountList,
  nextEvent,
  part,
  record,
  recordEvents,
  spyOn,
  succeed,
  until,
  visibleFrame,
} from '../fixtures/elements.js';
import { button as buttonOf, integration, loadList, nameOf, rows } from '../fixtures/list.js';
import { endpoints, hangsUp, otherOrigin } from '../fixtures/servers/origins.js';
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
  manyPosts,
  mountStoringButton,
  posts,
  waitsSoFar,
} from '../fixtures/saving.js';

const isAskedToStay = () => !window.dispatchEvent(new Event('beforeunload', { cancelable: true }));

const isOver = (button: PicaConnectButton) => until(() => button.status !== 'saving');

describe('connections-url', () => {
  it('is sent what was connected', async () => {
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

  it('is sent no name where there is none', async () => {
    const { scope, button } = await mountStoringButton();
    await connect(button);
    const { body, headers } = await nextRequest(scope, { method: 'POST' });
    expect(body).to.have.all.keys('platform', 'connection_key', 'environment', 'state');
    expect(headers['content-type']).to.equal('application/json');
  });

  it('is sent request-headers', async () => {
    const { scope, button } = await mountStoringButton({
      tokenHeaders: { 'x-user-id': 'token' },
      requestHeaders: () => Promise.resolve({ 'x-user-id': 'ada' }),
    });
    await connect(button);
    expect((await nextRequest(scope, { method: 'POST' })).headers['x-user-id']).to.equal('ada');
  });

  it('is sent token-headers where it has the origin of token-url', async () => {
    const { scope, button } = await mountStoringButton({ tokenHeaders: { 'x-user-id': 'ada' } });
    await connect(button);
    expect((await nextRequest(scope, { method: 'POST' })).headers['x-user-id']).to.equal('ada');
  });

  it('is sent no token-headers on another origin', async () => {
    const { scope, button } = await mountStoringButton({
      tokenUrl: `${otherOrigin}/token`,
      tokenHeaders: { 'x-user-id': 'ada' },
    });
    await connect(button);
    const { headers } = await nextRequest(scope, { method: 'POST' });
    expect(headers).not.to.have.property('x-user-id');
  });

  it('makes the element "saving" until it has answered, beyond pica-close', async () => {
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

  it('holds the promises of a listener too: either of them can leave it unsaved', async () => {
    const { scope, button } = await mountStoringButton();
    button.addEventListener('pica-success', (event) => {
      event.waitUntil(Promise.reject(new Error('full')));
    });
    const heard = nextEvent('pica-error');
    const { frame, closed } = await connect(button);
    expect((await heard).detail.error.cause).to.have.property('message', 'full');
    exit(frame);
    await closed;
    expect(button.status).to.equal('unsaved');
    expect(await posts(scope)).to.have.length(1);
  });

  it('has the new row before a list on the page is read again', async () => {
    const scope = uniqueName();
    const list = await mountList({ connectionsUrl: connectionsUrl(scope) });
    const button = await mountButton({ connectionsUrl: connectionsUrl(scope) });
    await until(() => !list.busy);
    await connect(button);
    await until(() => list.connections.length === 1 && !list.busy && button.status === 'open');
    const order = (await requests(scope)).filter(({ method }) => method !== 'OPTIONS');
    expect(order.map(({ method }) => method)).to.deep.equal(['GET', 'POST', 'GET']);
    expect(rows(list).map(nameOf)).to.deep.equal(['Gmail']);
  });

  it('of a list is sent what was connected from that list', async () => {
    const scope = uniqueName();
    const list = await mountList({
      tokenUrl: `${endpoints}/${scope}/token`,
      connectionsUrl: connectionsUrl(scope),
    });
    await until(() => !list.busy);
    const other = await mountButton();
    await connect(other);
    await until(() => list.connections.length === 1 && !list.busy);
    // What another element connected is for that one to store.
    expect(await posts(scope)).to.have.length(0);
  });

  it('of a list that refused leaves the list unsaved, with a way to try again', async () => {
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
    const failed = nextEvent('pica-error', list);
    succeed(frame);
    await failed;
    exit(frame);
    await closed;
    await list.updateComplete;
    expect(part(list, 'state').innerText).to.equal('Not saved');
    buttonOf(list, 'Retry Gmail').click();
    await manyPosts(scope, 2);
    await until(() => part(list, 'state').innerText === 'Connected');
  });

  for (const status of [408, 429, 500, 502, 503, 504]) {
    it(`is asked again after ${status}`, async () => {
      const { scope, button } = await mountStoringButton();
      await control(scope, {
        behaviour: [{ method: 'POST', path: 'connections', status, times: 2 }],
      });
      await connect(button);
      await until(() => button.status === 'open');
      expect(await posts(scope)).to.have.length(3);
    });
  }

  it('is asked again after it has hung up', async () => {
    const { scope, button } = await mountStoringButton();
    await control(scope, {
      behaviour: [{ method: 'POST', path: 'connections', drop: true, times: 2 }],
    });
    await connect(button);
    await until(() => button.status === 'open');
    expect((await posts(scope)).at(-1)?.state).to.equal('answered');
  });

  // Browsers repeat such a request by themselves too, which counts for nothing here.
  for (const [what, behaviour] of [
    ['has hung up', { drop: true }],
    ['has answered 408', { status: 408 }],
  ] as const) {
    it(`is waited for after it ${what}, and says so in the end`, async () => {
      const { scope, button } = await mountStoringButton();
      await control(scope, { behaviour: [{ method: 'POST', path: 'connections', ...behaviour }] });
      const heard = nextEvent('pica-error');
      await connect(button);
      const { error } = (await heard).detail;
      expect(waitsSoFar()).to.have.length(7);
      expect(error.cause instanceof TypeError).to.equal('drop' in behaviour);
    });
  }

  for (const status of [400, 401, 403, 404, 409, 422]) {
    it(`is not asked again after ${status}`, async () => {
      const { scope, button } = await mountStoringButton();
      await control(scope, { behaviour: [{ method: 'POST', path: 'connections', status }] });
      const heard = nextEvent('pica-error');
      await connect(button);
      const { error } = (await heard).detail;
      expect(error.code).to.equal('save-failed');
      expect(error.message).to.contain(`connections-url answered ${status}`);
      expect(error.connection).to.have.property('key', 'live::gmail::default::abc123');
      expect(await posts(scope)).to.have.length(1);
    });
  }

  it('that redirects, as to a login page, has stored nothing', async () => {
    const { scope, button } = await mountStoringButton();
    // On another origin, as login pages often are, and without CORS.
    const location = `${otherOrigin}/login`;
    await control(scope, {
      behaviour: [{ method: 'POST', path: 'connections', status: 303, headers: { location } }],
    });
    const heard = nextEvent('pica-error');
    await connect(button);
    expect((await heard).detail.error.message).to.contain('redirect');
    await isOver(button);
    expect(await posts(scope)).to.have.length(1);
  });

  it('is asked eight times at most, at growing and uneven distances, within a minute', async () => {
    const { scope, button } = await mountStoringButton();
    await control(scope, { behaviour: [{ method: 'POST', path: 'connections', status: 500 }] });
    const heard = nextEvent('pica-error');
    await connect(button);
    expect((await heard).detail.error.message).to.contain('500');
    expect(await posts(scope)).to.have.length(8);
    const most = [500, 1000, 2000, 4000, 8000, 16_000, 16_000];
    expect(waitsSoFar()).to.have.length(most.length);
    waitsSoFar().forEach((wait, index) => {
      expect(wait).to.be.within((most[index] ?? 0) / 2, most[index] ?? 0);
    });
    // The chance that seven random numbers are none is nil.
    expect(waitsSoFar()).not.to.deep.equal(most);
  });

  it('is left alone for as long as Retry-After says', async () => {
    const { scope, button } = await mountStoringButton();
    const headers = { 'retry-after': '12' };
    await control(scope, {
      behaviour: [{ method: 'POST', path: 'connections', status: 429, headers, times: 1 }],
    });
    await connect(button);
    await until(() => button.status === 'open');
    expect(waitsSoFar()).to.deep.equal([12_000]);
  });

  it('is left alone until the date that Retry-After says', async () => {
    const { scope, button } = await mountStoringButton();
    const headers = { 'retry-after': new Date(Date.now() + 40_000).toUTCString() };
    await control(scope, {
      behaviour: [{ method: 'POST', path: 'connections', status: 429, headers, times: 1 }],
    });
    await connect(button);
    await until(() => button.status === 'open');
    expect(waitsSoFar()).to.have.length(1);
    // Less what the test itself has taken, and at least more than any wait of its own.
    expect(waitsSoFar()[0]).to.be.within(16_001, 40_000);
  });

  for (const after of [new Date(Date.now() + 3_600_000).toUTCString(), '2099-01-01', '3600']) {
    it(`that wants to be left alone until ${after} is given up at once`, async () => {
      const { scope, button } = await mountStoringButton();
      const headers = { 'retry-after': after };
      await control(scope, {
        behaviour: [{ method: 'POST', path: 'connections', status: 503, headers }],
      });
      const heard = nextEvent('pica-error');
      await connect(button);
      await heard;
      expect(await posts(scope)).to.have.length(1);
    });
  }

  it('that cannot be reached leaves the element unsaved, with a way to try again', async () => {
    const scope = uniqueName();
    const button = await mountButton({ connectionsUrl: `${hangsUp}/connections` });
    const { frame, closed } = await connect(button);
    exit(frame);
    await closed;
    await until(() => button.status === 'unsaved');
    await button.updateComplete;
    button.connectionsUrl = connectionsUrl(scope);
    const again = [...part(button, 'message').querySelectorAll('button')];
    expect(again.map((each) => each.innerText)).to.deep.equal(['Retry']);
    again[0]?.click();
    await until(() => button.status === 'idle');
    expect(await posts(scope)).to.have.length(1);
    await button.updateComplete;
    expect(part(button, 'message').innerText).to.equal('');
  });

  it('is sent it again with the headers of who connected, where nobody says who that is', async () => {
    const { scope, button } = await mountStoringButton({ requestHeaders: { 'x-user-id': 'ada' } });
    await control(scope, {
      behaviour: [{ method: 'POST', path: 'connections', status: 400, times: 1 }],
    });
    const { closed } = await connect(button);
    button.close();
    await closed;
    await until(() => button.status === 'unsaved');
    button.requestHeaders = { 'x-user-id': 'grace' };
    await button.updateComplete;
    button.retrySave();
    await until(() => button.status === 'idle');
    const users = (await posts(scope)).map(({ headers }) => headers['x-user-id']);
    expect(users).to.deep.equal(['ada', 'ada']);
  });

  it('is sent it again with the newest headers of the same user', async () => {
    const { scope, button } = await mountStoringButton({
      identity: 'ada',
      requestHeaders: { 'x-user-id': 'old' },
    });
    await control(scope, {
      behaviour: [{ method: 'POST', path: 'connections', status: 400, times: 1 }],
    });
    const { closed } = await connect(button);
    button.close();
    await closed;
    await until(() => button.status === 'unsaved');
    button.requestHeaders = { 'x-user-id': 'new' };
    await button.updateComplete;
    await until(() => button.status !== 'saving');
    button.retrySave();
    await until(() => button.status === 'idle');
    const users = (await posts(scope)).map(({ headers }) => headers['x-user-id']);
    expect([users[0], users.at(-1)]).to.deep.equal(['old', 'new']);
  });

  it('is sent the same connection for each user', async () => {
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
    await isOver(second);
    expect(await posts(scope)).to.have.length(2);
    await release(scope);
    await isOver(first);
  });

  it('is sent the same connection once at a time, whoever sends it', async () => {
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
    await Promise.all([isOver(first), isOver(second)]);
    expect(await posts(scope)).to.have.length(1);
  });

  it('is sent a connection that another address is being sent too', async () => {
    const [first, second] = [await mountStoringButton(), await mountStoringButton()];
    await control(first.scope, {
      behaviour: [{ method: 'POST', path: 'connections', hold: true }],
    });
    await connect(first.button);
    await nextRequest(first.scope, { method: 'POST', state: 'held' });
    await connect(second.button);
    await nextRequest(second.scope, { method: 'POST', state: 'answered' });
    await release(first.scope);
    await isOver(first.button);
  });

  it('that has stored it for another element leaves nothing unsaved', async () => {
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

  it('that has stored it leaves it unsaved at another address', async () => {
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

  it('that stores it for one user leaves it unsaved for another of the same element', async () => {
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

  for (const [length, outlives] of [
    [1000, true],
    [16_000, false],
  ] as const) {
    const what = outlives ? 'outlives its page' : 'is too large to outlive its page';
    it(`is sent what ${what}: a name of ${length} letters`, async () => {
      const { scope, button } = await mountStoringButton();
      const sent: unknown[] = [];
      const stop = spyOn(window, 'fetch', (_, [url, init]) => {
        if (String(url) === connectionsUrl(scope)) sent.push((init as RequestInit).keepalive);
      });
      await connect(button, undefined, { name: 'x'.repeat(length) });
      await until(() => button.status === 'open');
      stop();
      expect(sent).to.deep.equal([outlives]);
    });
  }

  it('that is no address is an error that says so', async () => {
    const button = await mountButton({ connectionsUrl: 'https://:::' });
    const heard = nextEvent('pica-error');
    await connect(button);
    const { error } = (await heard).detail;
    expect([error.code, error.message]).to.deep.equal([
      'save-failed',
      'The connection to Gmail was not saved: connections-url is not a URL: "https://:::".',
    ]);
  });
});

describe('a listener of pica-success', () => {
  it('that throws leaves the element unsaved', async () => {
    // A page of its own: the test runner would take the error for the test's.
    // As large as AuthKit needs it: in a smaller one it opens a window of its own.
    const page = mount(
      '<iframe title="Page" width="480" height="640"></iframe>',
    ) as HTMLIFrameElement;
    page.srcdoc = '<body><script type="module" src="/dist/pica-connect.min.js"></script>';
    await new Promise((resolve) => (page.onload = resolve));
    const { contentDocument: inner, contentWindow } = page;
    if (!inner || !contentWindow) throw new Error('The page has no document');
    contentWindow.onerror = () => true;
    const button = inner.createElement('pica-connect-button');
    // Without its check: that there is no token endpoint would be an error too.
    const options = { tokenUrl: '/token', tokenCheck: 'off', baseUrl: puppetUrl(uniqueName()) };
    Object.assign(button, options);
    inner.body.append(button);
    const { Function: InnerFunction } = contentWindow as Window & typeof globalThis;
    const fail = new InnerFunction('throw new Error("the database is full")') as () => void;
    button.addEventListener('pica-success', fail);
    const closed = button.open();
    await until(() => button.status === 'open');
    const heard = nextEvent('pica-error', button);
    const frame = inner.querySelector<HTMLIFrameElement>('#event-link');
    if (frame) succeed(frame);
    const { error } = (await heard).detail;
    expect([error.code, (error.cause as Error).message]).to.deep.equal([
      'save-failed',
      'the database is full',
    ]);
    expect(error.connection).to.have.property('platform', 'gmail');
    button.close();
    await closed;
    expect(button.status).to.equal('unsaved');
  });

  it('hears of each connection, and each is stored', async () => {
    const { scope, button } = await mountStoringButton();
    const heard: string[] = [];
    button.addEventListener('pica-success', ({ detail }) => heard.push(detail.connection.key));
    const { frame } = await connect(button, 'live::gmail::default::one');
    succeed(frame, record('live::gmail::default::two'));
    const keys = (await manyPosts(scope, 2)).map(
      ({ body }) => (body as Record<string, string>).connection_key,
    );
    expect(heard).to.deep.equal(['live::gmail::default::one', 'live::gmail::default::two']);
    // They are on their way at the same time, so either may arrive first.
    expect(keys).to.have.members(heard);
  });

  it('that saved it the second time leaves nothing unsaved', async () => {
    const button = await mountButton();
    let count = 0;
    button.addEventListener('pica-success', (event) => {
      count += 1;
      if (count === 1) event.waitUntil(Promise.reject(new Error('full')));
    });
    const { closed } = await connect(button);
    button.close();
    await closed;
    await until(() => button.status === 'unsaved');
    button.retrySave();
    expect(button.status).to.equal('idle');
  });

  it('hears of a connection in each opening, also while the first is still being saved', async () => {
    const button = await mountButton();
    const { names } = recordEvents(button);
    const saves: (() => void)[] = [];
    button.addEventListener('pica-success', (event) => {
      event.waitUntil(new Promise<void>((resolve) => saves.push(resolve)));
    });
    for (let opening = 0; opening < 2; opening += 1) {
      const { closed } = await connect(button);
      button.close();
      await closed;
    }
    expect(names.filter((name) => name === 'pica-success')).to.have.length(2);
    expect(button.status).to.equal('saving');
    for (const finish of saves) finish();
    await until(() => button.status === 'idle');
  });

  it('may call retrySave() itself', async () => {
    const button = await mountButton();
    let count = 0;
    button.addEventListener('pica-success', (event) => {
      count += 1;
      button.retrySave();
      event.waitUntil(count === 1 ? Promise.reject(new Error('full')) : Promise.resolve());
    });
    const heard = nextEvent('pica-error');
    await connect(button);
    await heard;
    button.retrySave();
    await isOver(button);
    expect(count).to.equal(2);
  });

  it('further up hears of a failure whose element has gone', async () => {
    const { scope, button } = await mountStoringButton();
    await control(scope, {
      behaviour: [{ method: 'POST', path: 'connections', hold: true, status: 400 }],
    });
    await connect(button);
    await nextRequest(scope, { method: 'POST', state: 'held' });
    const heard = nextEvent('pica-error', document);
    button.remove();
    await release(scope);
    expect((await heard).detail.error.code).to.equal('save-failed');
  });

  it('finds nothing to ask about when the user leaves, unless a save is pending', async () => {
    const button = await mountButton();
    let finish!: () => void;
    button.addEventListener('pica-success', (event) => {
      event.waitUntil(new Promise<void>((resolve) => (finish = resolve)));
    });
    expect(isAskedToStay()).to.equal(false);
    const { frame, closed } = await connect(button);
    await until(() => button.status === 'saving');
    expect(isAskedToStay()).to.equal(true);
    exit(frame);
    await closed;
    expect(isAskedToStay()).to.equal(true);
    finish();
    await until(() => button.status === 'idle');
    expect(isAskedToStay()).to.equal(false);
  });

  it('hears the events in their order, also when the save outlives AuthKit', async () => {
    const { scope, button } = await mountStoringButton();
    await control(scope, {
      behaviour: [{ method: 'POST', path: 'connections', status: 400, delay: 100 }],
    });
    const { names } = recordEvents(button);
    const { frame } = await connect(button);
    exit(frame);
    await until(() => names.length === 4);
    expect(names).to.deep.equal(['pica-open', 'pica-success', 'pica-close', 'pica-error']);
  });
});
