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
  describe('when it loads', () => {
    it('shows the rows of connections-url', async () => {
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

    it('accepts a plain array', async () => {
      const scope = uniqueName();
      await control(scope, {
        behaviour: [{ path: 'connections', body: [{ key: 'live::x', platform: 'exa' }] }],
      });
      expect(names(await loadList(scope))).to.deep.equal(['Exa']);
    });

    it('shows that it loads, and reflects busy', async () => {
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

    for (const [description, behaviour] of [
      ['answers 500', { status: 500, body: 'no' }],
      ['answers with HTML', { body: '<h1>Log in</h1>' }],
      ['answers without rows', { body: { data: [] } }],
      ['answers null', { body: 'null' }],
      ['drops the connection', { drop: true }],
    ] as const) {
      it(`shows an error with Retry if the server ${description}`, async () => {
        const scope = uniqueName();
        await control(scope, {
          connections: { rows: [{ key: 'live::x', platform: 'exa' }] },
          behaviour: [{ path: 'connections', ...behaviour }],
        });
        const errorEvent = nextEvent('pica-error');
        const list = await mountList({ connectionsUrl: `${endpoints}/${scope}/connections` });
        const { error } = (await errorEvent).detail;
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

    for (const [status, excerpt] of [
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
      it(`reports what to change on the server after a ${String(status)}`, async () => {
        const scope = uniqueName();
        await control(scope, { behaviour: [{ path: 'connections', status }] });
        const errorEvent = nextEvent('pica-error');
        await mountList({ connectionsUrl: `${endpoints}/${scope}/connections` });
        const { message, hint } = (await errorEvent).detail.error;
        expect(message).to.equal(`connections-url answered ${String(status)}.`);
        expect(hint).to.contain(excerpt);
      });
    }

    it('reports the browser’s error as the cause if the network fails', async () => {
      const scope = uniqueName();
      await control(scope, { behaviour: [{ path: 'connections', drop: true }] });
      const errorEvent = nextEvent('pica-error');
      await mountList({ connectionsUrl: `${endpoints}/${scope}/connections` });
      const { hint, cause } = (await errorEvent).detail.error;
      expect(hint).to.contain('the server is running');
      expect(cause).to.be.instanceOf(TypeError);
    });

    for (const [attribute, headers, hasAdvice] of [
      ['token-headers', { tokenHeaders: { 'x-team': '日本語' } }, true],
      ['request-headers', { requestHeaders: { 'x-team': '日本語' } }, false],
    ] as const) {
      it(`reports which header in ${attribute} is invalid`, async () => {
        const errorEvent = nextEvent('pica-error');
        await mountList({
          tokenUrl: `${endpoints}/token`,
          connectionsUrl: `${endpoints}/${uniqueName()}/connections`,
          ...headers,
        });
        const { code, message, hint } = (await errorEvent).detail.error;
        expect(code).to.equal('token-headers-invalid');
        expect(message).to.match(new RegExp(`^${attribute} has characters in the header "x-team"`));
        expect(hint).to.contain('encodeURIComponent');
        expect(hint.includes('set request-headers for the lists')).to.equal(hasAdvice);
      });
    }

    it('reports the expected format, and the parse error as the cause, if the body is not JSON', async () => {
      const scope = uniqueName();
      await control(scope, { behaviour: [{ path: 'connections', body: 'Log in' }] });
      const errorEvent = nextEvent('pica-error');
      await mountList({ connectionsUrl: `${endpoints}/${scope}/connections` });
      const { hint, cause } = (await errorEvent).detail.error;
      expect(hint).to.equal('connections-url must answer with an array, or with {"rows": […]}.');
      // In WebKitGTK 2.50, it is a DOMException named SyntaxError.
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
      it(`treats a body with ${JSON.stringify(counts)} as complete`, async () => {
        const scope = uniqueName();
        const body = { rows: [connection()], ...counts };
        await control(scope, { behaviour: [{ path: 'connections', body }] });
        const list = await loadList(scope);
        expect(list.connections).to.have.length(1);
        expect(await requests(scope)).to.have.length(1);
      });
    }

    it('requests JSON and bypasses the HTTP cache', async () => {
      const scope = uniqueName();
      await loadList(scope);
      const [request] = await requests(scope);
      expect(request?.headers.accept).to.equal('application/json');
      expect(request?.headers['cache-control']).to.equal('max-age=0');
    });

    it('reports a connections-url that is not a URL', async () => {
      const errorEvent = nextEvent('pica-error');
      await mountList({ connectionsUrl: 'https://:::', tokenUrl: `${endpoints}/token` });
      const { code, message, hint } = (await errorEvent).detail.error;
      expect([code, message, hint]).to.deep.equal([
        'load-failed',
        'connections-url is not a URL: "https://:::".',
        'Set connections-url to a full URL, or to one that is relative to the page.',
      ]);
    });

    it('keeps the rows if a refresh fails', async () => {
      const scope = uniqueName();
      await control(scope, { connections: { rows: [{ key: 'live::x', platform: 'exa' }] } });
      const list = await loadList(scope);
      await control(scope, { behaviour: [{ path: 'connections', status: 503 }] });
      await list.refresh();
      await list.updateComplete;
      expect(names(list)).to.deep.equal(['Exa']);
      expect(textOf(list)).to.contain('could not be loaded');
    });

    it('uses only the newest request, whichever is answered first', async () => {
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

    it('aborts its request when it is removed', async () => {
      const scope = uniqueName();
      await control(scope, { behaviour: [{ path: 'connections', hold: true }] });
      const list = await mountList({ connectionsUrl: `${endpoints}/${scope}/connections` });
      const { names: events } = recordEvents(list);
      await nextRequest(scope, { state: 'held' });
      list.remove();
      await nextRequest(scope, { state: 'aborted' });
      expect(list.busy).to.equal(false);
      expect(events).to.deep.equal([]);
    });
  });

  describe('sends request headers that', () => {
    const headersOf = async (properties: Partial<PicaConnectionsList>) => {
      const scope = uniqueName();
      await loadList(scope, properties);
      const [request] = (await requests(scope)).filter(({ method }) => method === 'GET');
      return request?.headers ?? {};
    };

    it('are those of request-headers', async () => {
      const headers = await headersOf({ requestHeaders: () => ({ authorization: 'Bearer r' }) });
      expect(headers).to.include({ authorization: 'Bearer r' });
    });

    it('are those of token-headers if the URL has the token endpoint’s origin', async () => {
      const headers = await headersOf({
        tokenUrl: `${endpoints}/token`,
        tokenHeaders: { authorization: 'Bearer t' },
      });
      expect(headers).to.include({ authorization: 'Bearer t' });
    });

    it('do not include token-headers without a token-url, even on the page’s own origin', async () => {
      const scope = uniqueName();
      await loadList(scope, {
        connectionsUrl: `${ownEndpoints}/${scope}/connections`,
        tokenHeaders: { 'x-user': '7' },
      });
      const [request] = (await requests(scope)).filter(({ method }) => method === 'GET');
      expect(request?.headers).to.not.have.property('x-user');
    });

    it('do not include token-headers if token-url is invalid', async () => {
      const headers = await headersOf({ tokenUrl: 'https://:::', tokenHeaders: { 'x-user': '7' } });
      expect(headers).to.not.have.property('x-user');
    });

    it('do not include token-headers on another origin', async () => {
      const headers = await headersOf({
        tokenUrl: 'https://example.com/token',
        tokenHeaders: { authorization: 'Bearer t' },
      });
      expect(headers).to.not.have.property('authorization');
    });

    it('make the list reload when they change', async () => {
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

    /** The error for headers that browsers can't send. */
    const errorFor = async (properties: Partial<PicaConnectionsList>) => {
      const errorEvent = nextEvent('pica-error');
      await mountList({
        connectionsUrl: `${endpoints}/${uniqueName()}/connections`,
        ...properties,
      });
      return (await errorEvent).detail.error;
    };

    it('cause an error that names an invalid header, but not its value', async () => {
      const { code, message, hint } = await errorFor({ requestHeaders: { 'x-team': '日本語' } });
      expect(code).to.equal('token-headers-invalid');
      expect(message).to.contain('request-headers').and.to.contain('"x-team"');
      expect(hint).to.contain('encodeURIComponent');
      expect(message + hint).to.not.contain('日本語');
    });

    it('cause an error about token-headers if those are used', async () => {
      const { code, message, hint } = await errorFor({
        tokenUrl: `${endpoints}/token`,
        tokenHeaders: () => ({ 'x-team': '日本語' }),
      });
      expect(code).to.equal('token-headers-invalid');
      expect(message).to.contain('token-headers').and.to.contain('"x-team"');
      expect(hint).to.contain('request-headers');
    });

    it('can contain Latin-1 letters', async () => {
      const headers = await headersOf({ requestHeaders: { 'x-team': 'Zürich' } });
      expect(headers).to.have.property('x-team');
    });

    it('cause an error if they are not an object', async () => {
      const errorEvent = nextEvent('pica-error');
      await mountList({
        connectionsUrl: `${endpoints}/${uniqueName()}/connections`,
        requestHeaders: 'x: y' as never,
      });
      const { error } = (await errorEvent).detail;
      expect(error.message).to.contain('request-headers');
    });
  });
});
