import { expect } from '@open-wc/testing';
import {
  type PicaConnectionsList,
  PicaError,
  PicaErrorEvent,
  PicaSuccessEvent,
} from '../../src/classes.js';
import {
  exit,
  mountButton,
  mountList,
  nextEvent,
  openAuthKit,
  record,
  stage,
  succeed,
  until,
  visibleFrame,
} from '../fixtures/elements.js';
import {
  button as buttonOf,
  connection,
  disconnect,
  focused,
  hasButton,
  integration,
  loadList,
  nameOf,
  rows,
} from '../fixtures/list.js';
import { connect, connectionsUrl, waitForPosts, posts } from '../fixtures/saving.js';
import {
  control,
  nextRequest,
  puppetUrl,
  release,
  uniqueName,
} from '../fixtures/servers/puppet-client.js';

/** The text of a row's state. */
const stateOf = (row: Element | undefined) => row?.querySelector('[part="state"]')?.textContent;

const states = (list: PicaConnectionsList) => rows(list).map(stateOf);

/** Expects the first row to be marked "Not saved", with Retry, and without "Connected". */
const expectNotSaved = async (list: PicaConnectionsList) => {
  await until(() => states(list).includes('Not saved'));
  const [row] = rows(list);
  expect(stateOf(row)).to.equal('Not saved');
  expect(row?.textContent).to.not.contain('Connected');
  expect(hasButton(list, 'Retry Gmail')).to.equal(true);
};

/** Awaits the next of these saves on each pica-success. */
const awaitSaves = (target: EventTarget, results: (() => Promise<unknown>)[]) => {
  target.addEventListener('pica-success', (event) => {
    const save = results.shift() ?? (() => Promise.resolve());
    (event as HTMLElementEventMap['pica-success']).waitUntil(save());
  });
};

const failSave = () => Promise.reject(new Error('No'));

const connectWith = async (button: Awaited<ReturnType<typeof mountButton>>) => {
  const { frame, closed } = await openAuthKit(button);
  succeed(frame, record('new'));
  exit(frame);
  await closed;
};

beforeEach(() => {
  localStorage.clear();
});

describe('an unsaved connection', () => {
  it('is marked in the list that connected it until Retry saves it', async () => {
    const scope = uniqueName();
    await control(scope, {
      connections: { rows: [connection({ key: 'x', platform: 'aaa', state: 'failed' })] },
      behaviour: [{ method: 'POST', path: 'connections', status: 400, times: 2 }],
    });
    const list = await loadList(scope, {
      tokenUrl: `${connectionsUrl(scope)}/../token`,
      baseUrl: puppetUrl(scope),
      integrations: [integration('gmail', 'Gmail')],
    });
    buttonOf(list, 'Connect Gmail').click();
    const frame = await visibleFrame();
    succeed(frame);
    exit(frame);
    // It comes before other rows that need attention.
    await expectNotSaved(list);
    expect(rows(list).map(nameOf)).to.deep.equal(['Gmail', 'Aaa']);
    const errorEvent = nextEvent('pica-error', list);
    buttonOf(list, 'Retry Gmail').focus();
    buttonOf(list, 'Retry Gmail').click();
    await errorEvent;
    await expectNotSaved(list);
    // The focus is on the row, not on the Disconnect button that replaced Retry.
    expect(list.shadowRoot?.activeElement).to.equal(rows(list)[0]);
    buttonOf(list, 'Retry Gmail').click();
    await until(() => states(list).includes('Connected'));
    expect(hasButton(list, 'Retry Gmail')).to.equal(false);
    expect((await posts(scope)).filter(({ path }) => path === 'connections')).to.have.length(3);
  });

  it('is marked in another list, whose Retry asks the button', async () => {
    const list = await mountList();
    const button = await mountButton();
    awaitSaves(button, [failSave]);
    await connectWith(button);
    await expectNotSaved(list);
    const successEvent = nextEvent('pica-success');
    buttonOf(list, 'Retry Gmail').click();
    expect((await successEvent).target).to.equal(button);
    await until(() => states(list)[0] === 'Connected');
    expect(button.status).to.equal('idle');
  });

  it('is first marked as being saved', async () => {
    const list = await mountList();
    const button = await mountButton();
    let finish!: (value?: unknown) => void;
    awaitSaves(button, [() => new Promise((resolve) => (finish = resolve))]);
    await connectWith(button);
    await until(() => states(list)[0] === 'Being saved');
    expect(rows(list)[0]?.textContent).to.not.contain('Connected');
    finish();
    await until(() => states(list)[0] === 'Connected');
  });

  it('is marked if a listener threw without calling waitUntil()', async () => {
    const list = await mountList();
    const button = await mountButton();
    const saved = connection();
    const error = new PicaError('save-failed', 'The connection to Gmail was not saved: it threw', {
      hint: '{headers}',
      connection: saved,
    });
    button.dispatchEvent(new PicaSuccessEvent({ connection: saved }));
    button.dispatchEvent(new PicaErrorEvent({ error }));
    await expectNotSaved(list);
    await list.updateComplete;
    expect(states(list)).to.deep.equal(['Not saved']);
  });

  it('stays marked even if the endpoint returns it', async () => {
    const scope = uniqueName();
    await control(scope, {
      connections: { rows: [connection({ key: 'new' })] },
      behaviour: [{ method: 'POST', path: 'connections', status: 400, times: 1 }],
    });
    const list = await loadList(scope);
    const button = await mountButton({ connectionsUrl: connectionsUrl(scope) });
    await connectWith(button);
    await expectNotSaved(list);
    await list.refresh();
    await list.updateComplete;
    await expectNotSaved(list);
  });

  it('is marked if an earlier page left it in the outbox and the retry failed', async () => {
    const scope = uniqueName();
    const url = connectionsUrl(scope);
    await control(scope, { behaviour: [{ method: 'POST', path: 'connections', status: 400 }] });
    const button = await mountButton({ connectionsUrl: url, identity: 'ada' });
    const errorEvent = nextEvent('pica-error', button);
    await connect(button, 'new');
    await errorEvent;
    button.close();
    stage.replaceChildren();
    const list = await loadList(scope, { identity: 'ada' });
    await expectNotSaved(list);
    await control(scope, { behaviour: [] });
    buttonOf(list, 'Retry Gmail').click();
    await until(() => states(list)[0] === 'Connected');
    expect(localStorage).to.have.length(0);
  });

  it('is marked as connected once another tab has stored it', async () => {
    const scope = uniqueName();
    const url = connectionsUrl(scope);
    await control(scope, { behaviour: [{ method: 'POST', path: 'connections', status: 400 }] });
    const list = await loadList(scope, { identity: 'ada' });
    const button = await mountButton({ connectionsUrl: url, identity: 'ada' });
    await connectWith(button);
    await expectNotSaved(list);
    // The browser dispatches this here when the other tab clears its item.
    const item = `pica-connect.outbox:${JSON.stringify([url, 'ada', 'new'])}`;
    window.dispatchEvent(new StorageEvent('storage', { key: item, newValue: '' }));
    await until(() => states(list)[0] === 'Connected');
    expect(button.status).to.equal('idle');
  });

  it('is saved by the list if its button is gone', async () => {
    const scope = uniqueName();
    const list = await loadList(scope);
    const button = await mountButton();
    awaitSaves(button, [failSave]);
    await connectWith(button);
    await expectNotSaved(list);
    button.remove();
    buttonOf(list, 'Retry Gmail').click();
    await waitForPosts(scope, 1);
    await until(() => states(list)[0] === 'Connected');
  });

  it('is saved by the list if its button now has another identity', async () => {
    const scope = uniqueName();
    await control(scope, {
      behaviour: [{ method: 'POST', path: 'connections', status: 400, times: 1 }],
    });
    const list = await loadList(scope, { identity: 'ada' });
    const button = await mountButton({ connectionsUrl: connectionsUrl(scope), identity: 'ada' });
    await connectWith(button);
    await expectNotSaved(list);
    button.identity = 'grace';
    buttonOf(list, 'Retry Gmail').click();
    await until(() => states(list)[0] === 'Connected');
    expect(await posts(scope)).to.have.length(2);
  });

  for (const identity of [null, 'ada']) {
    it(`is saved at the button’s URL by a list without connections-url, for ${identity ?? 'an unknown user'}`, async () => {
      const scope = uniqueName();
      await control(scope, {
        behaviour: [{ method: 'POST', path: 'connections', status: 400, times: 3 }],
      });
      const list = await mountList({ identity });
      const button = await mountButton({ connectionsUrl: connectionsUrl(scope), identity });
      await connectWith(button);
      await expectNotSaved(list);
      button.remove();
      for (const failures of [2, 3]) {
        const errorEvent = nextEvent('pica-error', list);
        buttonOf(list, 'Retry Gmail').click();
        await errorEvent;
        await expectNotSaved(list);
        expect(await posts(scope)).to.have.length(failures);
      }
      buttonOf(list, 'Retry Gmail').click();
      await until(() => states(list)[0] === 'Connected');
      expect(await posts(scope)).to.have.length(4);
    });
  }

  it('keeps the focus in its row when a failed retry moves the row', async () => {
    const list = await mountList({
      connections: ['a', 'b', 'c'].map((platform) => connection({ key: platform, platform })),
    });
    const rejections: (() => void)[] = [];
    const holdSave = () =>
      new Promise((_resolve, reject) => {
        rejections.push(() => {
          reject(new Error('No'));
        });
      });
    const button = await mountButton();
    awaitSaves(button, [failSave, holdSave]);
    await connectWith(button);
    await expectNotSaved(list);
    buttonOf(list, 'Retry Gmail').focus();
    buttonOf(list, 'Retry Gmail').click();
    await list.updateComplete;
    const row = rows(list).at(-1);
    expect(row && stateOf(row)).to.equal('Being saved');
    await until(() => list.shadowRoot?.activeElement === row);
    rejections[0]?.();
    await expectNotSaved(list);
    expect(rows(list)[0]).to.equal(row);
    expect(list.shadowRoot?.activeElement).to.equal(row);
  });

  for (const description of ['could not load', 'has no connections-url'] as const) {
    it(`is hidden from other users in a list that ${description}`, async () => {
      const scope = uniqueName();
      await control(scope, { behaviour: [{ path: 'connections', status: 400 }] });
      const url = connectionsUrl(scope);
      const list = await mountList({
        connectionsUrl: description === 'has no connections-url' ? null : url,
        identity: 'ada',
      });
      const button = await mountButton({ connectionsUrl: url, identity: 'ada' });
      await connectWith(button);
      await expectNotSaved(list);
      list.identity = 'grace';
      await until(() => rows(list).length === 0);
      await list.updateComplete;
      expect(list.connections).to.deep.equal([]);
    });
  }

  it('is hidden from other users when the element that saves it is gone', async () => {
    const scope = uniqueName();
    await control(scope, {
      behaviour: [{ method: 'POST', path: 'connections', status: 400, hold: true }],
    });
    const list = await loadList(scope, { identity: 'ada' });
    const button = await mountButton({ connectionsUrl: connectionsUrl(scope), identity: 'ada' });
    await connectWith(button);
    await nextRequest(scope, { method: 'POST', state: 'held' });
    button.remove();
    const loaded = nextEvent('pica-load', list);
    list.identity = 'grace';
    await loaded;
    const errorEvent = nextEvent('pica-error');
    await release(scope);
    await errorEvent;
    expect(list.connections).to.deep.equal([]);
  });

  it('stays marked when its user’s headers change, even if the reload fails', async () => {
    const scope = uniqueName();
    await control(scope, { behaviour: [{ method: 'POST', path: 'connections', status: 400 }] });
    const list = await loadList(scope, { identity: 'ada', outbox: 'off' });
    const button = await mountButton({
      connectionsUrl: connectionsUrl(scope),
      identity: 'ada',
      outbox: 'off',
    });
    await connectWith(button);
    await expectNotSaved(list);
    await control(scope, { behaviour: [{ path: 'connections', status: 400 }] });
    const errorEvent = nextEvent('pica-error', list);
    list.requestHeaders = { 'x-user-id': 'ada' };
    await errorEvent;
    await expectNotSaved(list);
    await control(scope, { behaviour: [] });
    await list.refresh();
    await expectNotSaved(list);
  });

  it('disappears when it is disconnected', async () => {
    const scope = uniqueName();
    await control(scope, { behaviour: [{ method: 'POST', path: 'connections', status: 400 }] });
    const list = await loadList(scope);
    const button = await mountButton({ connectionsUrl: connectionsUrl(scope) });
    await connectWith(button);
    await expectNotSaved(list);
    await disconnect(list, 'Gmail');
    await until(() => rows(list).length === 0);
    // The button has stopped saving it too.
    expect(button.status).to.equal('idle');
  });
});

describe('an unconfirmed connection', () => {
  for (const state of ['unknown', 'failed'] as const) {
    it(`is being checked if its state is ${state}`, async () => {
      const list = await mountList({
        connections: [connection({ state, confirmed: false, createdAt: new Date().toISOString() })],
      });
      expect(states(list)).to.deep.equal(['Being checked']);
      expect(hasButton(list, 'Reconnect Gmail')).to.equal(false);
      expect(hasButton(list, 'Disconnect Gmail')).to.equal(true);
    });
  }

  it('does not come before the others', async () => {
    const list = await mountList({
      connections: [
        connection({ confirmed: false }),
        connection({ key: 'a', platform: 'a', state: 'degraded' }),
        connection({ key: 'b', platform: 'b' }),
      ],
    });
    expect(rows(list).map(nameOf)).to.deep.equal(['A', 'B', 'Gmail']);
  });

  it('shows its state once it is confirmed', async () => {
    const list = await mountList({ connections: [connection({ confirmed: true })] });
    expect(states(list)).to.deep.equal(['Connected']);
    expect(focused(list)).to.equal(null);
  });
});
