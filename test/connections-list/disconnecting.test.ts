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

/** Loads a list with Exa and Gmail, whose endpoint has this behaviour. */
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
  it('asks for confirmation in the row, and moves the focus there', async () => {
    const { list, scope } = await mountTwo();
    button(list, 'Disconnect Exa, me@example.org').click();
    await list.updateComplete;
    await until(() => focused(list) === 'Disconnect Exa, me@example.org');
    expect(rows(list)[0]?.textContent).to.contain('Disconnect?');
    expect(hasButton(list, 'Cancel Exa, me@example.org')).to.equal(true);
    expect(await deletions(scope)).to.have.length(0);
  });

  it('sends DELETE with the encoded key, and removes the row', async () => {
    const { list, scope } = await mountTwo();
    const disconnectEvent = nextEvent('pica-disconnect');
    await disconnect(list, 'Exa, me@example.org');
    expect((await disconnectEvent).detail.connection.key).to.equal(key);
    await until(() => rows(list).length === 1);
    expect((await deletions(scope)).map(({ path }) => path)).to.deep.equal([
      `connections/${encodeURIComponent(key)}`,
    ]);
    expect(list.connections.map(({ platform }) => platform)).to.deep.equal(['gmail']);
    expect(announcement(list)).to.equal('Exa, me@example.org was disconnected.');
  });

  for (const [controlName, cancel] of [
    ['Escape', () => sendKeys({ press: 'Escape' })],
    ['its Cancel', () => sendKeys({ press: 'Tab' }).then(() => sendKeys({ press: 'Enter' }))],
  ] as const) {
    it(`can be cancelled with ${controlName}, which returns the focus`, async () => {
      const { list, scope } = await mountTwo();
      button(list, 'Disconnect Exa, me@example.org').click();
      await until(() => hasButton(list, 'Cancel Exa, me@example.org'));
      await until(() => focused(list) === 'Disconnect Exa, me@example.org');
      await cancel();
      await until(() => !hasButton(list, 'Cancel Exa, me@example.org'));
      await until(() => focused(list) === 'Disconnect Exa, me@example.org');
      expect(await deletions(scope)).to.have.length(0);
    });
  }

  it('is cancelled when the focus leaves the row', async () => {
    const { list } = await mountTwo();
    button(list, 'Disconnect Exa, me@example.org').click();
    await until(() => hasButton(list, 'Cancel Exa, me@example.org'));
    await until(() => focused(list) === 'Disconnect Exa, me@example.org');
    const elsewhere = mount('<button>Elsewhere</button>') as HTMLButtonElement;
    elsewhere.focus();
    await until(() => !hasButton(list, 'Cancel Exa, me@example.org'));
    expect(document.activeElement).to.equal(elsewhere);
  });

  it('asks about only one connection at a time', async () => {
    const { list } = await mountTwo();
    button(list, 'Disconnect Exa, me@example.org').click();
    await list.updateComplete;
    button(list, 'Disconnect Gmail').click();
    await list.updateComplete;
    expect(hasButton(list, 'Cancel Exa, me@example.org')).to.equal(false);
    expect(hasButton(list, 'Cancel Gmail')).to.equal(true);
  });

  it('shows its progress, and sends only one request', async () => {
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

  for (const [description, behaviour, excerpt] of [
    ['answers 500', { status: 500 }, 'Your server failed at connections-url'],
    ['answers 405', { status: 405 }, 'Make your server answer DELETE at connections-url'],
    ['answers 403', { status: 403 }, 'request-headers'],
    ['drops the connection', { drop: true }, 'it must answer OPTIONS and DELETE with CORS headers'],
  ] as const) {
    it(`brings the row back, with an error, if the server ${description}`, async () => {
      const { list, scope } = await mountTwo([
        { method: 'DELETE', path: `connections/${encodeURIComponent(key)}`, ...behaviour },
      ]);
      const errorEvent = nextEvent('pica-error');
      button(list, 'Disconnect Exa, me@example.org').click();
      await list.updateComplete;
      button(list, 'Disconnect Exa, me@example.org').click();
      const { error } = (await errorEvent).detail;
      expect(error.code).to.equal('disconnect-failed');
      expect(error.hint).to.contain(excerpt).and.to.contain('still there');
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

  it('names an invalid header in its error', async () => {
    const { list, scope } = await mountTwo();
    const loaded = nextEvent('pica-load');
    list.requestHeaders = () => ({});
    await loaded;
    list.requestHeaders = () => ({ 'x-team': '日本語' });
    await list.updateComplete;
    const errorEvent = nextEvent('pica-error');
    await disconnect(list, 'Exa, me@example.org');
    const { error } = (await errorEvent).detail;
    expect(error.code).to.equal('disconnect-failed');
    expect(error.message).to.contain('"x-team"');
    expect(error.hint).to.contain('encodeURIComponent');
    expect(await deletions(scope)).to.have.length(0);
  });

  it('names an invalid connections-url in its error', async () => {
    const { list } = await mountTwo();
    const messages: string[] = [];
    list.addEventListener('pica-error', ({ detail: { error } }) => {
      // The failed load dispatches an error of its own.
      if (error.code === 'disconnect-failed') messages.push(error.message);
    });
    button(list, 'Disconnect Gmail').click();
    await list.updateComplete;
    list.connectionsUrl = 'https://:::';
    button(list, 'Disconnect Gmail').click();
    await until(() => messages.length > 0);
    expect(messages[0]).to.contain('connections-url is not a URL');
  });

  for (const segment of ['.', '..']) {
    it(`sends no request for the key "${segment}", which would change the path, and reports an error`, async () => {
      const scope = uniqueName();
      await control(scope, { connections: { rows: [connection({ key: segment })] } });
      const list = await loadList(scope);
      const requestedUrls: unknown[] = [];
      const stop = spyOn(window, 'fetch', (_, [url]) => requestedUrls.push(url));
      const errorEvent = nextEvent('pica-error');
      await disconnect(list, 'Gmail');
      const { error } = (await errorEvent).detail;
      stop();
      expect(error.code).to.equal('disconnect-failed');
      expect(error.hint).to.contain('pica-disconnect');
      expect(requestedUrls).to.deep.equal([]);
    });
  }

  for (const keyWithDots of ['...', '.a', 'a.', 'a..b']) {
    it(`encodes the key "${keyWithDots}" as one path segment`, async () => {
      const scope = uniqueName();
      await control(scope, { connections: { rows: [connection({ key: keyWithDots })] } });
      const list = await loadList(scope);
      await disconnect(list, 'Gmail');
      await until(() => rows(list).length === 0);
      const paths = (await deletions(scope)).map(({ path }) => path);
      expect(paths).to.deep.equal([`connections/${keyWithDots}`]);
    });
  }

  it('puts the key into the path, before the query and after one slash', async () => {
    const scope = uniqueName();
    await control(scope, { connections: { rows: [connection({ key: 'a/b' })] } });
    const list = await loadList(scope, {
      connectionsUrl: `${endpoints}/${scope}/connections/?team=7`,
    });
    await disconnect(list, 'Gmail');
    await until(() => rows(list).length === 0);
    const [request] = await deletions(scope);
    expect(request).to.include({ path: 'connections/a%2Fb' });
    expect(request?.query).to.deep.equal({ team: '7' });
  });

  it('keeps the focus in the row while it is pending', async () => {
    const { list, scope } = await mountTwo([
      { method: 'DELETE', path: `connections/${encodeURIComponent(key)}`, hold: true },
    ]);
    await disconnect(list, 'Exa, me@example.org');
    await nextRequest(scope, { method: 'DELETE', state: 'held' });
    expect(list.shadowRoot?.activeElement === rows(list)[0]).to.equal(true);
    await release(scope);
    await until(() => focused(list) === 'Disconnect Gmail');
  });

  it('does not move the focus back if it fails after the user has moved on', async () => {
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
    const errorEvent = nextEvent('pica-error');
    await release(scope);
    await errorEvent;
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

  it('is not confirmed by a double click or a held key', async () => {
    const { list, scope } = await mountTwo();
    button(list, 'Disconnect Exa, me@example.org').click();
    await list.updateComplete;
    const confirm = button(list, 'Disconnect Exa, me@example.org');
    const init = { bubbles: true, composed: true, cancelable: true };
    confirm.dispatchEvent(new MouseEvent('click', { ...init, detail: 2 }));
    await list.updateComplete;
    expect(hasButton(list, 'Cancel Exa, me@example.org')).to.equal(true);
    const heldKey = new KeyboardEvent('keydown', { ...init, key: 'Enter', repeat: true });
    confirm.dispatchEvent(heldKey);
    expect(heldKey.defaultPrevented).to.equal(true);
    expect(await deletions(scope)).to.have.length(0);
  });

  it('leaves elements in the list’s slots alone', async () => {
    const list = await mountList();
    list.innerHTML = '<p slot="empty"><button data-action="ask">Mine</button></p>';
    const mousedown = new MouseEvent('mousedown', {
      bubbles: true,
      composed: true,
      cancelable: true,
    });
    list.querySelector('button')?.dispatchEvent(mousedown);
    expect(mousedown.defaultPrevented).to.equal(false);
  });

  it('moves the focus to the next row when a refresh removes the focused one', async () => {
    const { list, scope } = await mountTwo();
    button(list, 'Disconnect Exa, me@example.org').focus();
    await control(scope, { connections: { rows: [connection()] } });
    await list.refresh();
    await until(() => focused(list) === 'Disconnect Gmail');
    await control(scope, { connections: { rows: [] } });
    await list.refresh();
    await until(() => focused(list) === 'Connections');
  });

  it('does not move the focus if the user has moved on', async () => {
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

  it('keeps the focus on mousedown, with which Safari would remove it', async () => {
    const { list } = await mountTwo();
    const mousedown = new MouseEvent('mousedown', {
      bubbles: true,
      composed: true,
      cancelable: true,
    });
    button(list, 'Disconnect Exa, me@example.org').dispatchEvent(mousedown);
    expect(mousedown.defaultPrevented).to.equal(true);
  });

  for (const status of [404, 410]) {
    it(`succeeds if the server responds with ${status}, because the connection is gone`, async () => {
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
    for (const [name, nextFocused] of [
      ['Disconnect Exa, me@example.org', 'Disconnect Gmail'],
      ['Disconnect Gmail', 'Connections'],
    ] as const) {
      button(list, name).focus();
      await sendKeys({ press: 'Enter' });
      await until(() => hasButton(list, name.replace('Disconnect', 'Cancel')));
      await until(() => focused(list) === name);
      await sendKeys({ press: 'Enter' });
      await until(() => focused(list) === nextFocused);
    }
  });

  describe('by the page', () => {
    const confirm = async (list: Awaited<ReturnType<typeof mountList>>) => {
      button(list, 'Disconnect Exa, me@example.org').click();
      await list.updateComplete;
      button(list, 'Disconnect Exa, me@example.org').click();
      await list.updateComplete;
    };

    it('keeps the row until the promise of waitUntil() resolves', async () => {
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

    it('keeps the row, with an error, if that promise rejects', async () => {
      const list = await mountList({ connections: [exa] });
      const cause = new Error('not allowed');
      list.addEventListener('pica-disconnect', (event) => {
        event.waitUntil(Promise.reject(cause));
      });
      const errorEvent = nextEvent('pica-error');
      await confirm(list);
      const { error } = (await errorEvent).detail;
      expect(error.code).to.equal('disconnect-failed');
      expect(error.cause).to.equal(cause);
      expect(rows(list)).to.have.length(1);
    });

    it('sends no DELETE if the event is prevented', async () => {
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
    it(`is offered for ${state}, and opens AuthKit with that integration`, async () => {
      const list = await mountList({
        connections: [connection({ state })],
        integrations: [integration('gmail', 'Google Mail')],
        tokenUrl: `${endpoints}/token`,
        baseUrl: 'about:blank',
      });
      const connectEvent = nextEvent('pica-connect');
      const openEvent = nextEvent('pica-open');
      button(list, 'Reconnect Google Mail').click();
      const { detail } = await connectEvent;
      expect(detail.integration.name).to.equal('Google Mail');
      expect(detail.connection?.state).to.equal(state);
      expect((await openEvent).detail.selectedConnection).to.equal('Google Mail');
    });
  }

  it('is not offered for an operational connection', async () => {
    const list = await mountList({ connections: [connection()] });
    expect(hasButton(list, 'Reconnect Gmail')).to.equal(false);
  });
});
