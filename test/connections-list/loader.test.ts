import { expect } from '@open-wc/testing';
import type { PicaConnectionsList } from '../../src/classes.js';
import { mount, mountList, nextEvent, part, recordEvents, until } from '../fixtures/elements.js';
import { connection, loadList, textOf, names } from '../fixtures/list.js';
import { endpoints, ownEndpoints } from '../fixtures/servers/origins.js';
import {
  control,
  nextRequest,
  release,
  requests,
  uniqueName,
} from '../fixtures/servers/puppet-client.js';

describe('<pica-connections-list>', () => {
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

    it('is shown and reflected while it goes on', async () => {
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
      [400, 'Look at what your server answers to GET at connections-url.'],
      [401, 'request-headers'],
      [403, 'request-headers'],
      [404, 'Make your server answer GET at connections-url.'],
      [405, 'Make your server answer GET at connections-url.'],
      [409, 'Look at what your server answers to GET at connections-url.'],
      [429, 'Raise the limit for requests to connections-url'],
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

    it('has what the browser said as its cause when the network fails', async () => {
      const scope = uniqueName();
      await control(scope, { behaviour: [{ path: 'connections', drop: true }] });
      const heard = nextEvent('pica-error');
      await mountList({ connectionsUrl: `${endpoints}/${scope}/connections` });
      const { hint, cause } = (await heard).detail.error;
      expect(hint).to.contain('the server is running');
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
        expect(hint.includes('set request-headers for the lists')).to.equal(hasAdvice);
      });
    }

    it('that fails as there is no JSON says what to answer with, and has what the browser said as its cause', async () => {
      const scope = uniqueName();
      await control(scope, { behaviour: [{ path: 'connections', body: 'Log in' }] });
      const heard = nextEvent('pica-error');
      await mountList({ connectionsUrl: `${endpoints}/${scope}/connections` });
      const { hint, cause } = (await heard).detail.error;
      expect(hint).to.equal('connections-url must answer with an array, or with {"rows": […]}.');
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
        'Set connections-url to a full URL, or to one that is relative to the page.',
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

    it('is superseded by a newer one, whichever answers first', async () => {
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

    it("are never the token endpoint's when its address is invalid", async () => {
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
});
