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

const asksBeforeLeaving = () =>
  !window.dispatchEvent(new Event('beforeunload', { cancelable: true }));

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
    const keys = (await waitForPosts(scope, 2)).map(
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
    await saveEnded(button);
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
    expect(asksBeforeLeaving()).to.equal(false);
    const { frame, closed } = await connect(button);
    await until(() => button.status === 'saving');
    expect(asksBeforeLeaving()).to.equal(true);
    exit(frame);
    await closed;
    expect(asksBeforeLeaving()).to.equal(true);
    finish();
    await until(() => button.status === 'idle');
    expect(asksBeforeLeaving()).to.equal(false);
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
