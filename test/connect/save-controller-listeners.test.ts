import { expect } from '@open-wc/testing';
import {
  exit,
  mount,
  mountButton,
  nextEvent,
  record,
  recordEvents,
  succeed,
  until,
} from '../fixtures/elements.js';
import {
  control,
  nextRequest,
  puppetUrl,
  release,
  uniqueName,
} from '../fixtures/servers/puppet-client.js';
import { connect, waitForPosts, mountStoringButton, saveEnded } from '../fixtures/saving.js';

const warnsBeforeUnload = () =>
  !window.dispatchEvent(new Event('beforeunload', { cancelable: true }));

describe('a listener of pica-success', () => {
  it('makes the element unsaved if it throws', async () => {
    // A page of its own, so that the test runner doesn't count the error as the test's failure. It is large enough for
    // AuthKit to open inside it.
    const page = mount(
      '<iframe title="Page" width="480" height="640"></iframe>',
    ) as HTMLIFrameElement;
    page.srcdoc = '<body><script type="module" src="/dist/pica-connect.min.js"></script>';
    await new Promise((resolve) => (page.onload = resolve));
    const { contentDocument: inner, contentWindow } = page;
    if (!inner || !contentWindow) throw new Error('The page has no document');
    contentWindow.onerror = () => true;
    const button = inner.createElement('pica-connect-button');
    // Without the token check, whose error for the missing endpoint would come first.
    const options = { tokenUrl: '/token', tokenCheck: 'off', baseUrl: puppetUrl(uniqueName()) };
    Object.assign(button, options);
    inner.body.append(button);
    const { Function: InnerFunction } = contentWindow as Window & typeof globalThis;
    const fail = new InnerFunction('throw new Error("the database is full")') as () => void;
    button.addEventListener('pica-success', fail);
    const closed = button.open();
    await until(() => button.status === 'open');
    const errorEvent = nextEvent('pica-error', button);
    const frame = inner.querySelector<HTMLIFrameElement>('#event-link');
    if (frame) succeed(frame);
    const { error } = (await errorEvent).detail;
    expect([error.code, (error.cause as Error).message]).to.deep.equal([
      'save-failed',
      'the database is full',
    ]);
    expect(error.connection).to.have.property('platform', 'gmail');
    button.close();
    await closed;
    expect(button.status).to.equal('unsaved');
  });

  it('receives all connections, and all are stored', async () => {
    const { scope, button } = await mountStoringButton();
    const received: string[] = [];
    button.addEventListener('pica-success', ({ detail }) => received.push(detail.connection.key));
    const { frame } = await connect(button, 'live::gmail::default::one');
    succeed(frame, record('live::gmail::default::two'));
    const keys = (await waitForPosts(scope, 2)).map(
      ({ body }) => (body as Record<string, string>).connection_key,
    );
    expect(received).to.deep.equal(['live::gmail::default::one', 'live::gmail::default::two']);
    // The requests are concurrent, so either may arrive first.
    expect(keys).to.have.members(received);
  });

  it('leaves nothing unsaved if its second save succeeds', async () => {
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

  it('receives a connection once per opening, even while the first save is pending', async () => {
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

  it('can call retrySave()', async () => {
    const button = await mountButton();
    let count = 0;
    button.addEventListener('pica-success', (event) => {
      count += 1;
      button.retrySave();
      event.waitUntil(count === 1 ? Promise.reject(new Error('full')) : Promise.resolve());
    });
    const errorEvent = nextEvent('pica-error');
    await connect(button);
    await errorEvent;
    button.retrySave();
    await saveEnded(button);
    expect(count).to.equal(2);
  });

  it('on the document receives a save error after the element was removed', async () => {
    const { scope, button } = await mountStoringButton();
    await control(scope, {
      behaviour: [{ method: 'POST', path: 'connections', hold: true, status: 400 }],
    });
    await connect(button);
    await nextRequest(scope, { method: 'POST', state: 'held' });
    const errorEvent = nextEvent('pica-error', document);
    button.remove();
    await release(scope);
    expect((await errorEvent).detail.error.code).to.equal('save-failed');
  });

  it('makes the page warn before it unloads while its save is pending', async () => {
    const button = await mountButton();
    let finish!: () => void;
    button.addEventListener('pica-success', (event) => {
      event.waitUntil(new Promise<void>((resolve) => (finish = resolve)));
    });
    expect(warnsBeforeUnload()).to.equal(false);
    const { frame, closed } = await connect(button);
    await until(() => button.status === 'saving');
    expect(warnsBeforeUnload()).to.equal(true);
    exit(frame);
    await closed;
    expect(warnsBeforeUnload()).to.equal(true);
    finish();
    await until(() => button.status === 'idle');
    expect(warnsBeforeUnload()).to.equal(false);
  });

  it('receives events in order, even if the save ends after AuthKit closes', async () => {
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
