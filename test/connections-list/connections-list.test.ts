import { expect } from '@open-wc/testing';
import type { Connection, PicaConnectionsList } from '../../src/classes.js';
import {
  mount,
  mountButton,
  mountList,
  nextEvent,
  openAuthKit,
  part,
  record,
  recordEvents,
  spyOn,
  stage,
  succeed,
  until,
} from '../fixtures/elements.js';
import { connection, loadList, nameOf, rows } from '../fixtures/list.js';
import { endpoints, ownEndpoints } from '../fixtures/servers/origins.js';
import {
  control,
  nextRequest,
  release,
  requests,
  uniqueName,
} from '../fixtures/servers/puppet-client.js';

const textOf = (list: PicaConnectionsList) => list.shadowRoot?.textContent;
const names = (list: PicaConnectionsList) => rows(list).map(nameOf);

describe('<pica-connections-list>', () => {
  describe('a row', () => {
    const rowOf = async (row: Partial<Connection>, integrations: object[] = []) => {
      const list = await mountList({
        connections: [connection(row)],
        integrations: integrations as never,
      });
      return list;
    };

    it("has the integration's name", async () => {
      const integrations = [{ platform: 'gmail', name: 'Google Mail' }];
      expect(names(await rowOf({}, integrations))).to.deep.equal(['Google Mail']);
    });

    it('has a name made from the platform where the integration is unknown', async () => {
      expect(names(await rowOf({ platform: 'google-calendar' }))).to.deep.equal([
        'Google Calendar',
      ]);
    });

    it('says which account it is', async () => {
      const list = await rowOf({ name: 'me@example.org', identity: 'user-1' });
      expect(part(list, 'account').textContent).to.equal('me@example.org');
      const other = await rowOf({ identity: 'user-1' });
      expect(part(other, 'account').textContent).to.equal('user-1');
    });

    it('has a badge for test, and none for live', async () => {
      expect(part(await rowOf({ environment: 'test' }), 'environment').textContent).to.equal(
        'Test',
      );
      expect((await rowOf({})).shadowRoot?.querySelector('[part="environment"]')).to.equal(null);
    });

    for (const [state, words] of [
      ['operational', 'Connected'],
      ['degraded', 'Having trouble'],
      ['failed', 'Needs to be reconnected'],
      ['unknown', 'State unknown'],
      ['checking', 'Being checked'],
    ] as const) {
      it(`says in words and with an icon that it is ${state}`, async () => {
        const list = await rowOf(state === 'checking' ? { confirmed: false } : { state });
        expect(part(list, 'state').textContent.trim()).to.equal(words);
        const { content } = getComputedStyle(part(list, 'state'), '::before');
        expect(content).to.match(/^".+"/);
      });
    }

    it('has a sign of its own for each state', async () => {
      const signs = new Set<string>();
      for (const state of ['operational', 'degraded', 'failed', 'unknown'] as const) {
        const list = await rowOf({ state });
        signs.add(getComputedStyle(part(list, 'state'), '::before').content.slice(0, 2));
      }
      const checked = await rowOf({ confirmed: false });
      signs.add(getComputedStyle(part(checked, 'state'), '::before').content.slice(0, 2));
      expect(signs.size).to.equal(5);
    });

    it('says when it was made', async () => {
      const createdAt = new Date(Date.now() - 3 * 24 * 3_600_000).toISOString();
      const time = (await rowOf({ createdAt })).shadowRoot?.querySelector('time');
      expect(time?.textContent).to.equal('Connected 3 days ago');
      expect(time?.dateTime).to.equal(createdAt);
      const exact = new Intl.DateTimeFormat('en', { dateStyle: 'long' }).format(
        new Date(createdAt),
      );
      expect(time?.title).to.contain(exact);
    });

    for (const [what, createdAt] of [
      ['lies hours ahead', Date.now() + 4 * 3_600_000],
      ['is of a clock that is fast', Date.now() + 200_000],
      ['was a moment ago, in seconds', Math.trunc(Date.now() / 1000)],
      [
        'was a moment ago, without a zone',
        new Date().toISOString().replace('T', ' ').replace('Z', ''),
      ],
    ] as const) {
      it(`was made now where the time ${what}`, async () => {
        const list = await rowOf({ createdAt: createdAt as never });
        expect(list.shadowRoot?.querySelector('time')?.textContent).to.equal('Connected now');
      });
    }

    it('has a logo, and a monogram when that is missing or broken', async () => {
      const list = await rowOf({}, [
        { platform: 'gmail', name: 'Gmail', image: `${endpoints}/no` },
      ]);
      expect(part(list, 'logo').textContent.trim()).to.equal('G');
      const image = part(list, 'logo').querySelector('img');
      image?.scrollIntoView();
      await until(() => image?.hidden === true);
    });

    it('has no logo from anywhere but http(s)', async () => {
      const list = await rowOf({}, [{ platform: 'gmail', name: 'Gmail', image: 'javascript:x' }]);
      expect(part(list, 'logo').querySelector('img')).to.equal(null);
    });

    it('shows markup as text', async () => {
      const list = await rowOf({ name: '<img src=x onerror=alert(1)>' });
      expect(part(list, 'account').textContent).to.equal('<img src=x onerror=alert(1)>');
    });
  });

  it('waits for no minute to pass while it is not in the page', async () => {
    // Or the timer, which is set again at its end, would hold for good every list that was ever shown.
    let waits: unknown[] = [];
    const stop = spyOn(window, 'setTimeout', (_, [, milliseconds]) => {
      if (milliseconds === 60_000) waits.push(milliseconds);
    });
    try {
      const scope = uniqueName();
      const row = { connection_key: 'a', platform: 'gmail', created_at: new Date().toISOString() };
      await control(scope, { connections: { rows: [row] } });
      const list = await loadList(scope);
      expect(waits).to.not.deep.equal([]);
      waits = [];
      list.remove();
      await list.updateComplete;
      expect(waits).to.deep.equal([]);
      stage.append(list);
      await list.updateComplete;
      expect(waits).to.not.deep.equal([]);
    } finally {
      stop();
    }
  });

  it('shows what needs attention first, then by name', async () => {
    const list = await mountList({
      connections: [
        connection({ key: '1', platform: 'zoom' }),
        connection({ key: '2', platform: 'asana' }),
        connection({ key: '3', platform: 'slack', state: 'degraded' }),
        connection({ key: '4', platform: 'notion', state: 'failed' }),
      ],
    });
    expect(names(list)).to.deep.equal(['Notion', 'Slack', 'Asana', 'Zoom']);
  });

  describe('loading', () => {
    it('shows what connections-url answers', async () => {
      const scope = uniqueName();
      await control(scope, {
        connections: { rows: [{ connection_key: 'live::slack::x', platform: 'slack' }] },
      });
      const loaded = nextEvent('pica-load');
      const list = mount(
        `<pica-connections-list connections-url="${endpoints}/${scope}/connections"></pica-connections-list>`,
      ) as PicaConnectionsList;
      const { connections } = (await loaded).detail;
      await list.updateComplete;
      expect(connections).to.have.nested.property('[0].key', 'live::slack::x');
      expect(list.connections).to.equal(connections);
      expect(names(list)).to.deep.equal(['Slack']);
    });

    it('takes a bare array too', async () => {
      const scope = uniqueName();
      await control(scope, {
        behaviour: [{ path: 'connections', body: [{ key: 'live::x', platform: 'exa' }] }],
      });
      expect(names(await loadList(scope))).to.deep.equal(['Exa']);
    });

    it('is seen and reflected while it goes on', async () => {
      const scope = uniqueName();
      await control(scope, { behaviour: [{ path: 'connections', hold: true }] });
      const list = await mountList({ connectionsUrl: `${endpoints}/${scope}/connections` });
      await nextRequest(scope, { state: 'held' });
      await list.updateComplete;
      expect(list.busy).to.equal(true);
      expect(list.hasAttribute('busy')).to.equal(true);
      expect(textOf(list)).to.contain('Loading connections');
      const loaded = nextEvent('pica-load');
      await release(scope);
      await loaded;
      await list.updateComplete;
      expect(list.busy).to.equal(false);
      expect(textOf(list)).to.contain('Nothing is connected yet');
    });

    for (const [what, behaviour] of [
      ['answers 500', { status: 500, body: 'no' }],
      ['answers no JSON', { body: '<h1>Log in</h1>' }],
      ['answers without rows', { body: { data: [] } }],
      ['answers null', { body: 'null' }],
      ['hangs up', { drop: true }],
    ] as const) {
      it(`that fails because the server ${what} is said, and Retry helps`, async () => {
        const scope = uniqueName();
        await control(scope, {
          connections: { rows: [{ key: 'live::x', platform: 'exa' }] },
          behaviour: [{ path: 'connections', ...behaviour }],
        });
        const heard = nextEvent('pica-error');
        const list = await mountList({ connectionsUrl: `${endpoints}/${scope}/connections` });
        const { error } = (await heard).detail;
        expect(error.code).to.equal('load-failed');
        expect(error.hint).to.contain('connections-url');
        await until(() => textOf(list)?.includes('could not be loaded') === true);
        await control(scope, { behaviour: [] });
        const loaded = nextEvent('pica-load');
        part(list, 'message').querySelector('button')?.click();
        await loaded;
        await list.updateComplete;
        expect(names(list)).to.deep.equal(['Exa']);
        expect(textOf(list)).to.not.contain('could not be loaded');
      });
    }

    for (const [status, words] of [
      [400, 'Look at what your server answered to GET at connections-url.'],
      [401, 'request-headers'],
      [403, 'request-headers'],
      [404, 'Let your server answer GET at connections-url.'],
      [405, 'Let your server answer GET at connections-url.'],
      [409, 'Look at what your server answered to GET at connections-url.'],
      [429, 'raise the limit for connections-url'],
      [500, 'Your server failed at connections-url'],
      [503, 'Your server failed at connections-url'],
    ] as const) {
      it(`that fails with ${String(status)} says what to change on the server`, async () => {
        const scope = uniqueName();
        await control(scope, { behaviour: [{ path: 'connections', status }] });
        const heard = nextEvent('pica-error');
        await mountList({ connectionsUrl: `${endpoints}/${scope}/connections` });
        const { message, hint } = (await heard).detail.error;
        expect(message).to.equal(`connections-url answered ${String(status)}.`);
        expect(hint).to.contain(words);
      });
    }

    it('that fails for the network has what the browser said as its cause', async () => {
      const scope = uniqueName();
      await control(scope, { behaviour: [{ path: 'connections', drop: true }] });
      const heard = nextEvent('pica-error');
      await mountList({ connectionsUrl: `${endpoints}/${scope}/connections` });
      const { hint, cause } = (await heard).detail.error;
      expect(hint).to.contain('the server runs');
      expect(cause).to.be.instanceOf(TypeError);
    });

    for (const [attribute, headers, hasAdvice] of [
      ['token-headers', { tokenHeaders: { 'x-team': '日本語' } }, true],
      ['request-headers', { requestHeaders: { 'x-team': '日本語' } }, false],
    ] as const) {
      it(`that fails for ${attribute} says what to change in them`, async () => {
        const heard = nextEvent('pica-error');
        await mountList({
          tokenUrl: `${endpoints}/token`,
          connectionsUrl: `${endpoints}/${uniqueName()}/connections`,
          ...headers,
        });
        const { code, message, hint } = (await heard).detail.error;
        expect(code).to.equal('token-headers-invalid');
        expect(message).to.match(new RegExp(`^${attribute} has characters in the header "x-team"`));
        expect(hint).to.contain('encodeURIComponent');
        expect(hint.includes('request-headers of their own')).to.equal(hasAdvice);
      });
    }

    it('that fails as there is no JSON says what to answer with, and has what the browser said as its cause', async () => {
      const scope = uniqueName();
      await control(scope, { behaviour: [{ path: 'connections', body: 'Log in' }] });
      const heard = nextEvent('pica-error');
      await mountList({ connectionsUrl: `${endpoints}/${scope}/connections` });
      const { hint, cause } = (await heard).detail.error;
      expect(hint).to.equal('connections-url has to answer with an array, or with {"rows": […]}.');
      // In WebKitGTK 2.50 it is a DOMException of that name.
      expect(cause).to.have.property('name', 'SyntaxError');
    });

    for (const counts of [
      { page: 1, pages: '2' },
      { page: 1, pages: 2.5 },
      { page: 1, pages: null },
      { page: 0, pages: 1 },
      { page: -1, pages: 1 },
      { page: 0.5, pages: 1 },
    ]) {
      it(`takes an answer with ${JSON.stringify(counts)} for all that there is`, async () => {
        const scope = uniqueName();
        const body = { rows: [connection()], ...counts };
        await control(scope, { behaviour: [{ path: 'connections', body }] });
        const list = await loadList(scope);
        expect(list.connections).to.have.length(1);
        expect(await requests(scope)).to.have.length(1);
      });
    }

    it('asks for JSON, and for nothing that the browser has kept', async () => {
      const scope = uniqueName();
      await loadList(scope);
      const [request] = await requests(scope);
      expect(request?.headers.accept).to.equal('application/json');
      expect(request?.headers['cache-control']).to.equal('max-age=0');
    });

    it('that fails for its address says what an address is', async () => {
      const heard = nextEvent('pica-error');
      await mountList({ connectionsUrl: 'https://:::', tokenUrl: `${endpoints}/token` });
      const { code, message, hint } = (await heard).detail.error;
      expect([code, message, hint]).to.deep.equal([
        'load-failed',
        'connections-url is not a URL: "https://:::".',
        'Give connections-url as a full address, or as one that is relative to the page.',
      ]);
    });

    it('keeps the rows when a refresh fails', async () => {
      const scope = uniqueName();
      await control(scope, { connections: { rows: [{ key: 'live::x', platform: 'exa' }] } });
      const list = await loadList(scope);
      await control(scope, { behaviour: [{ path: 'connections', status: 503 }] });
      await list.refresh();
      await list.updateComplete;
      expect(names(list)).to.deep.equal(['Exa']);
      expect(textOf(list)).to.contain('could not be loaded');
    });

    it('is overtaken by a newer one, whichever answers first', async () => {
      const scope = uniqueName();
      await control(scope, {
        behaviour: [
          { path: 'connections', hold: true, times: 1, body: [{ key: 'old', platform: 'old' }] },
          { path: 'connections', body: [{ key: 'new', platform: 'new' }] },
        ],
      });
      const list = await mountList({ connectionsUrl: `${endpoints}/${scope}/connections` });
      await nextRequest(scope, { state: 'held' });
      await list.refresh();
      await release(scope);
      await nextRequest(scope, { index: 0, state: 'aborted' });
      await list.updateComplete;
      expect(names(list)).to.deep.equal(['New']);
    });

    it('is given up when the element is removed', async () => {
      const scope = uniqueName();
      await control(scope, { behaviour: [{ path: 'connections', hold: true }] });
      const list = await mountList({ connectionsUrl: `${endpoints}/${scope}/connections` });
      const { names: heard } = recordEvents(list);
      await nextRequest(scope, { state: 'held' });
      list.remove();
      await nextRequest(scope, { state: 'aborted' });
      expect(list.busy).to.equal(false);
      expect(heard).to.deep.equal([]);
    });
  });

  describe('its request headers', () => {
    const headersOf = async (properties: Partial<PicaConnectionsList>) => {
      const scope = uniqueName();
      await loadList(scope, properties);
      const [request] = (await requests(scope)).filter(({ method }) => method === 'GET');
      return request?.headers ?? {};
    };

    it('are those given', async () => {
      const headers = await headersOf({ requestHeaders: () => ({ authorization: 'Bearer r' }) });
      expect(headers).to.include({ authorization: 'Bearer r' });
    });

    it("are the token endpoint's on its own origin", async () => {
      const headers = await headersOf({
        tokenUrl: `${endpoints}/token`,
        tokenHeaders: { authorization: 'Bearer t' },
      });
      expect(headers).to.include({ authorization: 'Bearer t' });
    });

    it("are never the token endpoint's where there is none, on the page's own origin either", async () => {
      const scope = uniqueName();
      await loadList(scope, {
        connectionsUrl: `${ownEndpoints}/${scope}/connections`,
        tokenHeaders: { 'x-user': '7' },
      });
      const [request] = (await requests(scope)).filter(({ method }) => method === 'GET');
      expect(request?.headers).to.not.have.property('x-user');
    });

    it("are never the token endpoint's where its address is none", async () => {
      const headers = await headersOf({ tokenUrl: 'https://:::', tokenHeaders: { 'x-user': '7' } });
      expect(headers).to.not.have.property('x-user');
    });

    it("are never the token endpoint's on another origin", async () => {
      const headers = await headersOf({
        tokenUrl: 'https://example.com/token',
        tokenHeaders: { authorization: 'Bearer t' },
      });
      expect(headers).to.not.have.property('authorization');
    });

    it('bring the rows of the new user when they change', async () => {
      const scope = uniqueName();
      const list = await loadList(scope, { requestHeaders: { 'x-user-id': 'ada' } });
      const loaded = nextEvent('pica-load');
      list.requestHeaders = { 'x-user-id': 'grace' };
      await loaded;
      const users = (await requests(scope))
        .filter(({ method }) => method === 'GET')
        .map(({ headers }) => headers['x-user-id']);
      expect(users).to.deep.equal(['ada', 'grace']);
    });

    /** What is said of headers that no browser can send. */
    const refusalOf = async (properties: Partial<PicaConnectionsList>) => {
      const heard = nextEvent('pica-error');
      await mountList({
        connectionsUrl: `${endpoints}/${uniqueName()}/connections`,
        ...properties,
      });
      return (await heard).detail.error;
    };

    it('that no browser can send are an error that names the header, not its value', async () => {
      const { code, message, hint } = await refusalOf({ requestHeaders: { 'x-team': '日本語' } });
      expect(code).to.equal('token-headers-invalid');
      expect(message).to.contain('request-headers').and.to.contain('"x-team"');
      expect(hint).to.contain('encodeURIComponent');
      expect(message + hint).to.not.contain('日本語');
    });

    it('that no browser can send are said to be of token-headers where those are sent', async () => {
      const { code, message, hint } = await refusalOf({
        tokenUrl: `${endpoints}/token`,
        tokenHeaders: () => ({ 'x-team': '日本語' }),
      });
      expect(code).to.equal('token-headers-invalid');
      expect(message).to.contain('token-headers').and.to.contain('"x-team"');
      expect(hint).to.contain('request-headers');
    });

    it('may have letters beyond ASCII that a browser can send', async () => {
      const headers = await headersOf({ requestHeaders: { 'x-team': 'Zürich' } });
      expect(headers).to.have.property('x-team');
    });

    it('are a load-failed in words when they are none', async () => {
      const heard = nextEvent('pica-error');
      await mountList({
        connectionsUrl: `${endpoints}/${uniqueName()}/connections`,
        requestHeaders: 'x: y' as never,
      });
      const { error } = (await heard).detail;
      expect(error.message).to.contain('request-headers');
    });
  });

  describe('a success anywhere in the document', () => {
    it('refreshes the list once the save has settled', async () => {
      const scope = uniqueName();
      const list = await loadList(scope);
      const button = await mountButton();
      let finishSave!: () => void;
      button.addEventListener('pica-success', (event) => {
        event.waitUntil(new Promise<void>((resolve) => (finishSave = resolve)));
      });
      const { frame } = await openAuthKit(button);
      succeed(frame);
      await nextEvent('pica-success');
      await control(scope, { connections: { rows: [record()] } });
      const loaded = nextEvent('pica-load');
      finishSave();
      await loaded;
      await list.updateComplete;
      expect(names(list)).to.deep.equal(['Gmail']);
      const gets = (await requests(scope)).filter(({ method }) => method === 'GET');
      expect(gets).to.have.length(2);
    });

    it('adds the row where the host holds the data, and once', async () => {
      const given = [connection({ key: 'live::slack::x', platform: 'slack' })];
      const list = await mountList({ connections: given });
      const button = await mountButton();
      for (let opening = 0; opening < 2; opening += 1) {
        const { frame, closed } = await openAuthKit(button);
        succeed(frame);
        await nextEvent('pica-success');
        button.close();
        await closed;
      }
      await until(() => rows(list).length === 2);
      expect(names(list)).to.deep.equal(['Gmail', 'Slack']);
      expect(given).to.have.length(1);
    });
  });

  describe('its views', () => {
    it('have a heading that a page may replace', async () => {
      const list = await mountList();
      expect(list.shadowRoot?.querySelector('h2')?.textContent).to.equal('Connections');
      list.innerHTML = '<h3 slot="heading">Accounts</h3>';
      expect(list.shadowRoot?.querySelector('slot')?.assignedElements()).to.have.length(1);
    });

    it('have an empty view that a page may replace', async () => {
      const list = await mountList();
      expect(textOf(list)).to.contain('Nothing is connected yet');
      list.innerHTML = '<p slot="empty">Start with Gmail</p>';
      const slot = list.shadowRoot?.querySelector<HTMLSlotElement>('slot[name="empty"]');
      expect(slot?.assignedElements()).to.have.length(1);
    });

    for (const scheme of ['light', 'dark']) {
      describe(`in ${scheme}`, () => {
        beforeEach(() => {
          stage.style.cssText = `color-scheme: ${scheme}; background: Canvas; color: CanvasText`;
        });
        afterEach(() => {
          stage.removeAttribute('style');
        });

        const states = ['operational', 'degraded', 'failed', 'unknown'] as const;
        const inEachState = states.map((state) =>
          connection({ key: state, state, environment: 'test', name: `Me, ${state}` }),
        );
        const checked = connection({ key: 'checked', confirmed: false, name: 'Me, checked' });
        const integrations = ['Email', 'Notes', undefined].map((category, index) => ({
          platform: `p${String(index)}`,
          name: `Offer ${String(index)}`,
          description: 'What it does',
          category,
        }));

        it('rows, offers, search and the question pass axe', async () => {
          const list = await mountList({
            connections: [
              checked,
              ...inEachState,
              ...inEachState.map((row) => ({ ...row, key: `${row.key} 2` })),
            ],
            integrations: integrations,
          });
          await expect(list).to.be.accessible();
          list.shadowRoot?.querySelector<HTMLElement>('[data-action="ask"]')?.click();
          await list.updateComplete;
          await expect(list).to.be.accessible();
          const field = part(list, 'search').querySelector('input');
          if (field) field.value = 'nothing like it';
          field?.dispatchEvent(new InputEvent('input', { bubbles: true }));
          await list.updateComplete;
          await expect(list).to.be.accessible();
        });

        it('empty, loading, failed and partly failed pass axe', async () => {
          const empty = await mountList();
          await expect(empty).to.be.accessible();
          const scope = uniqueName();
          await control(scope, {
            behaviour: [
              { path: 'connections', hold: true, times: 1 },
              { path: 'integrations', status: 500 },
            ],
          });
          const list = await mountList({
            connectionsUrl: `${endpoints}/${scope}/connections`,
            integrationsUrl: `${endpoints}/${scope}/integrations`,
          });
          await nextRequest(scope, { path: 'connections', state: 'held' });
          await expect(list).to.be.accessible();
          const loaded = nextEvent('pica-load');
          await release(scope);
          await loaded;
          await list.updateComplete;
          await expect(list).to.be.accessible();
          await control(scope, { behaviour: [{ path: 'connections', status: 500 }] });
          await list.refresh();
          await list.updateComplete;
          await expect(list).to.be.accessible();
        });

        it('its targets are large enough', async () => {
          const list = await mountList({
            connections: inEachState,
            integrations: integrations,
          });
          for (const target of list.shadowRoot?.querySelectorAll('button, input, select') ?? []) {
            const { width, height } = target.getBoundingClientRect();
            expect(Math.min(width, height)).to.be.at.least(24);
          }
        });
      });
    }
  });
});
