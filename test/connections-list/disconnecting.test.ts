import { expect } from '@open-wc/testing';
import { sendKeys } from '@web/test-runner-commands';
import { mount, mountList, nextEvent, recordEvents, spyOn, until } from '../fixtures/elements.js';
import {
  button,
  connection,
  disconnect,
  focused,
  hasButton,
  integration,
  loadList,
  nameOf,
  rows,
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

const key = 'test::exa::default::af92|user-123';
const exa = connection({ key, platform: 'exa', name: 'me@example.org' });

/** A list with Exa and Gmail in it, whose endpoint does what the test says. */
const mountTwo = async (behaviour: object[] = []) => {
  const scope = uniqueName();
  await control(scope, {
    connections: { rows: [exa, connection()] },
    behaviour: behaviour as never,
  });
  return { scope, list: await loadList(scope) };
};

const deletions = async (scope: string) =>
  (await requests(scope)).filter(({ method }) => method === 'DELETE');

describe('disconnecting', () => {
  it('asks once more, in place, and goes to the question', async () => {
    const { list, scope } = await mountTwo();
    button(list, 'Disconnect Exa, me@example.org').click();
    await until(() => focused(list) === 'Disconnect Exa, me@example.org');
    expect(rows(list)[0]?.textContent).to.contain('Disconnect?');
    expect(hasButton(list, 'Cancel Exa, me@example.org')).to.equal(true);
    expect(await deletions(scope)).to.have.length(0);
  });

  it('deletes at connections-url with the key encoded, and the row goes', async () => {
    const { list, scope } = await mountTwo();
    const heard = nextEvent('pica-disconnect');
    await disconnect(list, 'Exa, me@example.org');
    expect((await heard).detail.connection.key).to.equal(key);
    await until(() => rows(list).length === 1);
    expect((await deletions(scope)).map(({ path }) => path)).to.deep.equal([
      `connections/${encodeURIComponent(key)}`,
    ]);
    expect(list.connections.map(({ platform }) => platform)).to.deep.equal(['gmail']);
    expect(announcement(list)).to.equal('Exa, me@example.org was disconnected.');
  });

  for (const [what, back] of [
    ['Escape', () => sendKeys({ press: 'Escape' })],
    ['its Cancel', () => sendKeys({ press: 'Tab' }).then(() => sendKeys({ press: 'Enter' }))],
  ] as const) {
    it(`can be backed out of by ${what}, and the focus goes back`, async () => {
      const { list, scope } = await mountTwo();
      button(list, 'Disconnect Exa, me@example.org').click();
      await until(() => hasButton(list, 'Cancel Exa, me@example.org'));
      await until(() => focused(list) === 'Disconnect Exa, me@example.org');
      await back();
      await until(() => !hasButton(list, 'Cancel Exa, me@example.org'));
      await until(() => focused(list) === 'Disconnect Exa, me@example.org');
      expect(await deletions(scope)).to.have.length(0);
    });
  }

  it('can be backed out of by leaving the row', async () => {
    const { list } = await mountTwo();
    button(list, 'Disconnect Exa, me@example.org').click();
    await until(() => hasButton(list, 'Cancel Exa, me@example.org'));
    await until(() => focused(list) === 'Disconnect Exa, me@example.org');
    const elsewhere = mount('<button>Elsewhere</button>') as HTMLButtonElement;
    elsewhere.focus();
    await until(() => !hasButton(list, 'Cancel Exa, me@example.org'));
    expect(document.activeElement).to.equal(elsewhere);
  });

  it('asks about one connection at a time', async () => {
    const { list } = await mountTwo();
    button(list, 'Disconnect Exa, me@example.org').click();
    await list.updateComplete;
    button(list, 'Disconnect Gmail').click();
    await list.updateComplete;
    expect(hasButton(list, 'Cancel Exa, me@example.org')).to.equal(false);
    expect(hasButton(list, 'Cancel Gmail')).to.equal(true);
  });

  it('is shown while it goes on, and never happens twice', async () => {
    const { list, scope } = await mountTwo([
      { method: 'DELETE', path: `connections/${encodeURIComponent(key)}`, hold: true },
      { method: 'GET', path: 'connections', body: [exa, connection()], times: 2 },
    ]);
    button(list, 'Disconnect Exa, me@example.org').click();
    await list.updateComplete;
    const confirm = button(list, 'Disconnect Exa, me@example.org');
    confirm.click();
    confirm.click();
    await nextRequest(scope, { method: 'DELETE', state: 'held' });
    const [row] = rows(list);
    expect(row?.ariaBusy).to.equal('true');
    expect(row?.textContent).to.contain('Disconnecting');
    expect(row?.querySelectorAll('button')).to.have.length(0);
    await list.refresh();
    await list.updateComplete;
    expect(rows(list)[0]?.textContent).to.contain('Disconnecting');
    await release(scope);
    await until(() => rows(list).length === 1);
    expect(await deletions(scope)).to.have.length(1);
  });

  for (const [what, behaviour, words] of [
    ['answers 500', { status: 500 }, 'Your server failed at connections-url'],
    ['answers 405', { status: 405 }, 'Make your server answer DELETE at connections-url'],
    ['answers 403', { status: 403 }, 'request-headers'],
    ['hangs up', { drop: true }, 'it must answer OPTIONS and DELETE with CORS headers'],
  ] as const) {
    it(`that fails because the server ${what} brings the row back, with an error`, async () => {
      const { list, scope } = await mountTwo([
        { method: 'DELETE', path: `connections/${encodeURIComponent(key)}`, ...behaviour },
      ]);
      const heard = nextEvent('pica-error');
      button(list, 'Disconnect Exa, me@example.org').click();
      await list.updateComplete;
      button(list, 'Disconnect Exa, me@example.org').click();
      const { error } = (await heard).detail;
      expect(error.code).to.equal('disconnect-failed');
      expect(error.hint).to.contain(words).and.to.contain('still there');
      expect(error.cause instanceof TypeError).to.equal('drop' in behaviour);
      expect(error.connection?.key).to.equal(key);
      await until(() => rows(list)[0]?.textContent.includes('could not be disconnected') === true);
      expect(rows(list)).to.have.length(2);
      await until(() => focused(list) === 'Disconnect Exa, me@example.org');
      await control(scope, { behaviour: [] });
      button(list, 'Disconnect Exa, me@example.org').click();
      await list.updateComplete;
      button(list, 'Disconnect Exa, me@example.org').click();
      await until(() => rows(list).length === 1);
    });
  }

  it('that fails for its headers says what to change in them', async () => {
    const { list, scope } = await mountTwo();
    const loaded = nextEvent('pica-load');
    list.requestHeaders = () => ({});
    await loaded;
    list.requestHeaders = () => ({ 'x-team': '日本語' });
    await list.updateComplete;
    const heard = nextEvent('pica-error');
    await disconnect(list, 'Exa, me@example.org');
    const { error } = (await heard).detail;
    expect(error.code).to.equal('disconnect-failed');
    expect(error.message).to.contain('"x-team"');
    expect(error.hint).to.contain('encodeURIComponent');
    expect(await deletions(scope)).to.have.length(0);
  });

  it('that fails for its address says which address', async () => {
    const { list } = await mountTwo();
    const messages: string[] = [];
    list.addEventListener('pica-error', ({ detail: { error } }) => {
      // That there is nothing to be read is another error.
      if (error.code === 'disconnect-failed') messages.push(error.message);
    });
    button(list, 'Disconnect Gmail').click();
    await list.updateComplete;
    list.connectionsUrl = 'https://:::';
    button(list, 'Disconnect Gmail').click();
    await until(() => messages.length > 0);
    expect(messages[0]).to.contain('connections-url is not a URL');
  });

  for (const steps of ['.', '..']) {
    it(`asks for no address that the key "${steps}" would lead to, and says so`, async () => {
      const scope = uniqueName();
      await control(scope, { connections: { rows: [connection({ key: steps })] } });
      const list = await loadList(scope);
      const asked: unknown[] = [];
      const stop = spyOn(window, 'fetch', (_, [url]) => asked.push(url));
      const heard = nextEvent('pica-error');
      await disconnect(list, 'Gmail');
      const { error } = (await heard).detail;
      stop();
      expect(error.code).to.equal('disconnect-failed');
      expect(error.hint).to.contain('pica-disconnect');
      expect(asked).to.deep.equal([]);
    });
  }

  for (const dotted of ['...', '.a', 'a.', 'a..b']) {
    it(`asks for the address of the key "${dotted}"`, async () => {
      const scope = uniqueName();
      await control(scope, { connections: { rows: [connection({ key: dotted })] } });
      const list = await loadList(scope);
      await disconnect(list, 'Gmail');
      await until(() => rows(list).length === 0);
      const asked = (await deletions(scope)).map(({ path }) => path);
      expect(asked).to.deep.equal([`connections/${dotted}`]);
    });
  }

  it('has the key in the path, before a query and after one slash', async () => {
    const scope = uniqueName();
    await control(scope, { connections: { rows: [connection({ key: 'a/b' })] } });
    const list = await loadList(scope, {
      connectionsUrl: `${endpoints}/${scope}/connections/?team=7`,
    });
    await disconnect(list, 'Gmail');
    await until(() => rows(list).length === 0);
    const [asked] = await deletions(scope);
    expect(asked).to.include({ path: 'connections/a%2Fb' });
    expect(asked?.query).to.deep.equal({ team: '7' });
  });

  it('keeps the focus in the row while it goes on', async () => {
    const { list, scope } = await mountTwo([
      { method: 'DELETE', path: `connections/${encodeURIComponent(key)}`, hold: true },
    ]);
    await disconnect(list, 'Exa, me@example.org');
    await nextRequest(scope, { method: 'DELETE', state: 'held' });
    expect(list.shadowRoot?.activeElement === rows(list)[0]).to.equal(true);
    await release(scope);
    await until(() => focused(list) === 'Disconnect Gmail');
  });

  it('that fails takes no focus from whoever has gone elsewhere meanwhile', async () => {
    const { list, scope } = await mountTwo([
      {
        method: 'DELETE',
        path: `connections/${encodeURIComponent(key)}`,
        hold: true,
        status: 500,
      },
    ]);
    await disconnect(list, 'Exa, me@example.org');
    await nextRequest(scope, { method: 'DELETE', state: 'held' });
    const field = mount('<input aria-label="Elsewhere" />') as HTMLInputElement;
    field.focus();
    const heard = nextEvent('pica-error');
    await release(scope);
    await heard;
    await list.updateComplete;
    expect(document.activeElement).to.equal(field);
  });

  it('is described by its question', async () => {
    const { list } = await mountTwo();
    button(list, 'Disconnect Exa, me@example.org').click();
    await list.updateComplete;
    const id = button(list, 'Disconnect Exa, me@example.org').getAttribute('aria-describedby');
    expect(list.shadowRoot?.getElementById(id ?? '')?.textContent).to.equal('Disconnect?');
  });

  it('takes no double click and no key held down for a yes', async () => {
    const { list, scope } = await mountTwo();
    button(list, 'Disconnect Exa, me@example.org').click();
    await list.updateComplete;
    const confirm = button(list, 'Disconnect Exa, me@example.org');
    const init = { bubbles: true, composed: true, cancelable: true };
    confirm.dispatchEvent(new MouseEvent('click', { ...init, detail: 2 }));
    await list.updateComplete;
    expect(hasButton(list, 'Cancel Exa, me@example.org')).to.equal(true);
    const held = new KeyboardEvent('keydown', { ...init, key: 'Enter', repeat: true });
    confirm.dispatchEvent(held);
    expect(held.defaultPrevented).to.equal(true);
    expect(await deletions(scope)).to.have.length(0);
  });

  it('leaves what the page itself has put in the list alone', async () => {
    const list = await mountList();
    list.innerHTML = '<p slot="empty"><button data-action="ask">Mine</button></p>';
    const press = new MouseEvent('mousedown', { bubbles: true, composed: true, cancelable: true });
    list.querySelector('button')?.dispatchEvent(press);
    expect(press.defaultPrevented).to.equal(false);
  });

  it('elsewhere moves the focus on from a row that a refresh takes away', async () => {
    const { list, scope } = await mountTwo();
    button(list, 'Disconnect Exa, me@example.org').focus();
    await control(scope, { connections: { rows: [connection()] } });
    await list.refresh();
    await until(() => focused(list) === 'Disconnect Gmail');
    await control(scope, { connections: { rows: [] } });
    await list.refresh();
    await until(() => focused(list) === 'Connections');
  });

  it('takes no focus from whoever has gone elsewhere meanwhile', async () => {
    const { list, scope } = await mountTwo([
      { method: 'DELETE', path: `connections/${encodeURIComponent(key)}`, hold: true },
    ]);
    await disconnect(list, 'Exa, me@example.org');
    await nextRequest(scope, { method: 'DELETE', state: 'held' });
    const field = mount('<input aria-label="Elsewhere" />') as HTMLInputElement;
    field.focus();
    await release(scope);
    await until(() => rows(list).length === 1);
    await list.updateComplete;
    expect(document.activeElement).to.equal(field);
  });

  it('is not taken back by a press that takes the focus away, as in Safari', async () => {
    const { list } = await mountTwo();
    const press = new MouseEvent('mousedown', { bubbles: true, composed: true, cancelable: true });
    button(list, 'Disconnect Exa, me@example.org').dispatchEvent(press);
    expect(press.defaultPrevented).to.equal(true);
  });

  for (const status of [404, 410]) {
    it(`of what is gone already succeeds, after ${status}`, async () => {
      const { list } = await mountTwo([
        { method: 'DELETE', path: `connections/${encodeURIComponent(key)}`, status },
      ]);
      const { names } = recordEvents(list);
      await disconnect(list, 'Exa, me@example.org');
      await until(() => announcement(list).includes('was disconnected'));
      expect(names).to.not.include('pica-error');
    });
  }

  it('moves the focus to the next row, then to the heading', async () => {
    const { list } = await mountTwo();
    for (const [name, after] of [
      ['Disconnect Exa, me@example.org', 'Disconnect Gmail'],
      ['Disconnect Gmail', 'Connections'],
    ] as const) {
      button(list, name).focus();
      await sendKeys({ press: 'Enter' });
      await until(() => hasButton(list, name.replace('Disconnect', 'Cancel')));
      await until(() => focused(list) === name);
      await sendKeys({ press: 'Enter' });
      await until(() => focused(list) === after);
    }
  });

  describe('by the host', () => {
    const confirm = async (list: Awaited<ReturnType<typeof mountList>>) => {
      button(list, 'Disconnect Exa, me@example.org').click();
      await list.updateComplete;
      button(list, 'Disconnect Exa, me@example.org').click();
      await list.updateComplete;
    };

    it('keeps the row until the promise of waitUntil() has succeeded', async () => {
      const list = await mountList({ connections: [exa] });
      let finish!: () => void;
      list.addEventListener('pica-disconnect', (event) => {
        event.waitUntil(new Promise<void>((resolve) => (finish = resolve)));
      });
      await confirm(list);
      expect(rows(list)[0]?.textContent).to.contain('Disconnecting');
      finish();
      await until(() => rows(list).length === 0);
    });

    it('keeps the row, with an error, when that promise rejects', async () => {
      const list = await mountList({ connections: [exa] });
      const cause = new Error('not allowed');
      list.addEventListener('pica-disconnect', (event) => {
        event.waitUntil(Promise.reject(cause));
      });
      const heard = nextEvent('pica-error');
      await confirm(list);
      const { error } = (await heard).detail;
      expect(error.code).to.equal('disconnect-failed');
      expect(error.cause).to.equal(cause);
      expect(rows(list)).to.have.length(1);
    });

    it('deletes nothing at connections-url when the event is prevented', async () => {
      const { list, scope } = await mountTwo();
      list.addEventListener('pica-disconnect', (event) => {
        event.preventDefault();
      });
      await confirm(list);
      expect(await deletions(scope)).to.have.length(0);
      expect(rows(list).map(nameOf)).to.deep.equal(['Exa', 'Gmail']);
      expect(rows(list)[0]?.textContent).to.not.contain('Disconnecting');
    });
  });
});

describe('reconnecting', () => {
  for (const state of ['failed', 'degraded'] as const) {
    it(`is there for ${state}, and opens AuthKit at that integration`, async () => {
      const list = await mountList({
        connections: [connection({ state })],
        integrations: [integration('gmail', 'Google Mail')],
        tokenUrl: `${endpoints}/token`,
        baseUrl: 'about:blank',
      });
      const asked = nextEvent('pica-connect');
      const opened = nextEvent('pica-open');
      button(list, 'Reconnect Google Mail').click();
      const { detail } = await asked;
      expect(detail.integration.name).to.equal('Google Mail');
      expect(detail.connection?.state).to.equal(state);
      expect((await opened).detail.selectedConnection).to.equal('Google Mail');
    });
  }

  it('is not there for what works', async () => {
    const list = await mountList({ connections: [connection()] });
    expect(hasButton(list, 'Reconnect Gmail')).to.equal(false);
  });
});
