import { expect } from '@open-wc/testing';
import type { PicaConnectButton } from '../../src/classes.js';
import {
  mountButton,
  mountList,
  nextEvent,
  part,
  recordEvents,
  until,
} from '../fixtures/elements.js';
import {
  button as buttonOf,
  connection,
  disconnect,
  loadList,
  nameOf,
  offers,
  rows,
} from '../fixtures/list.js';
import { connect, connectionsUrl, waitForPosts } from '../fixtures/saving.js';
import { endpoints } from '../fixtures/servers/origins.js';
import {
  control,
  nextRequest,
  release,
  puppetUrl,
  requests,
  uniqueName,
} from '../fixtures/servers/puppet-client.js';

const originalTimeout = AbortSignal.timeout.bind(AbortSignal);
const never = () => new Promise<never>(() => undefined);
const { key } = connection();

let limitsMs: number[] = [];
let controllers: AbortController[] = [];

/** Ends all pending time limits at once. */
const expireTimeouts = () => {
  for (const controller of controllers.splice(0)) {
    controller.abort(new DOMException('The operation timed out.', 'TimeoutError'));
  }
};

// Replaces real time limits, so that the tests don't wait for 20 seconds.
beforeEach(() => {
  localStorage.clear();
  [limitsMs, controllers] = [[], []];
  AbortSignal.timeout = (milliseconds) => {
    const controller = new AbortController();
    limitsMs.push(milliseconds);
    controllers.push(controller);
    return controller.signal;
  };
});

afterEach(() => {
  AbortSignal.timeout = originalTimeout;
});

/** A button whose only requests with a time limit are its saves. */
const mountSavingButton = (properties: Partial<PicaConnectButton>) =>
  mountButton({ tokenCheck: 'off', ...properties });

const held = (method: string, path = 'connections') => ({ method, path, hold: true });

describe('a timeout', () => {
  it('of DELETE brings the row back, with an error whose hint says how to find out more', async () => {
    const scope = uniqueName();
    await control(scope, {
      connections: { rows: [connection()] },
      behaviour: [held('DELETE', `connections/${encodeURIComponent(key)}`)],
    });
    const list = await loadList(scope);
    await disconnect(list, 'Gmail');
    await nextRequest(scope, { method: 'DELETE', state: 'held' });
    expect(limitsMs.at(-1)).to.equal(20_000);
    const errorEvent = nextEvent('pica-error');
    expireTimeouts();
    const { error } = (await errorEvent).detail;
    expect(error.code).to.equal('disconnect-failed');
    expect(error.message).to.contain('connections-url did not answer within 20 seconds');
    expect(error.hint).to.contain('Reload the list');
    expect(error.cause).to.have.property('name', 'TimeoutError');
    await list.updateComplete;
    expect(rows(list)[0]?.textContent).to.contain('could not be disconnected');
    await nextRequest(scope, { method: 'DELETE', state: 'aborted' });
  });

  it('of GET shows an error with Retry', async () => {
    const scope = uniqueName();
    await control(scope, { connections: { rows: [connection()] }, behaviour: [held('GET')] });
    const list = await mountList({ connectionsUrl: connectionsUrl(scope) });
    await nextRequest(scope, { method: 'GET', state: 'held' });
    expect(limitsMs).to.deep.equal([20_000]);
    const errorEvent = nextEvent('pica-error');
    expireTimeouts();
    const { error } = (await errorEvent).detail;
    expect(error.code).to.equal('load-failed');
    expect(error.message).to.equal('connections-url did not answer within 20 seconds.');
    await until(() => !list.busy);
    await list.updateComplete;
    await control(scope, { behaviour: [] });
    part(list, 'message').querySelector('button')?.click();
    await until(() => rows(list).length === 1);
  });

  it('of GET applies to each page of rows', async () => {
    const scope = uniqueName();
    const page = { rows: [connection()], page: 1, pages: 2 };
    await control(scope, {
      behaviour: [{ method: 'GET', path: 'connections', body: page, times: 1 }, held('GET')],
    });
    await mountList({ connectionsUrl: connectionsUrl(scope) });
    const { query } = await nextRequest(scope, { method: 'GET', state: 'held' });
    expect(query).to.deep.equal({ page: '2' });
    expect(limitsMs).to.have.length(2);
    const errorEvent = nextEvent('pica-error');
    expireTimeouts();
    expect((await errorEvent).detail.error.code).to.equal('load-failed');
  });

  it('of GET covers a body that does not end', async () => {
    const scope = uniqueName();
    await control(scope, {
      behaviour: [{ method: 'GET', path: 'connections', body: [connection()], stall: true }],
    });
    const list = await mountList({ connectionsUrl: connectionsUrl(scope) });
    await nextRequest(scope, { method: 'GET', state: 'answered' });
    const errorEvent = nextEvent('pica-error');
    expireTimeouts();
    expect((await errorEvent).detail.error.message).to.contain('did not answer within 20 seconds');
    await until(() => !list.busy);
  });

  it('of GET is ignored after the list was removed or reloaded', async () => {
    const scope = uniqueName();
    await control(scope, { behaviour: [{ ...held('GET'), times: 2 }] });
    const list = await mountList({ connectionsUrl: connectionsUrl(scope) });
    const { names } = recordEvents(document);
    await nextRequest(scope, { method: 'GET', state: 'held' });
    void list.refresh();
    await nextRequest(scope, { index: 1, state: 'held' });
    await nextRequest(scope, { index: 0, state: 'aborted' });
    list.remove();
    expireTimeouts();
    await nextRequest(scope, { index: 1, state: 'aborted' });
    await loadList(scope);
    expect(names).to.deep.equal(['pica-load']);
  });

  it('of integrations-url delays neither the connections, nor pica-load, nor refresh()', async () => {
    const scope = uniqueName();
    await control(scope, {
      connections: { rows: [connection()] },
      behaviour: [held('GET', 'integrations')],
    });
    const integrationsUrl = `${endpoints}/${scope}/integrations`;
    const list = await loadList(scope, { integrationsUrl });
    expect(rows(list).map(nameOf)).to.deep.equal(['Gmail']);
    expect(list.busy).to.equal(false);
    await list.refresh();
    await nextRequest(scope, { path: 'integrations', state: 'held' });
    const errorEvent = nextEvent('pica-error');
    expireTimeouts();
    const { error } = (await errorEvent).detail;
    expect(error.message).to.equal('integrations-url did not answer within 20 seconds.');
    await until(() => list.shadowRoot?.textContent.includes('could not be loaded') === true);
    expect(rows(list).map(nameOf)).to.deep.equal(['Gmail']);
    await control(scope, { behaviour: [] });
    buttonOf(list, 'Retry').click();
    await until(() => offers(list).length > 0);
  });

  it('of POST causes a retry', async () => {
    const scope = uniqueName();
    await control(scope, { behaviour: [{ ...held('POST'), times: 1 }] });
    const button = await mountSavingButton({ connectionsUrl: connectionsUrl(scope) });
    await connect(button);
    await nextRequest(scope, { method: 'POST', state: 'held' });
    expireTimeouts();
    await waitForPosts(scope, 2);
    await until(() => button.status === 'open');
  });

  it('of POST is an error if the server never responds', async () => {
    const scope = uniqueName();
    await control(scope, { behaviour: [held('POST')] });
    const button = await mountSavingButton({ connectionsUrl: connectionsUrl(scope) });
    await connect(button);
    const errorEvent = nextEvent('pica-error');
    for (let count = 1; count <= 8; count += 1) {
      await waitForPosts(scope, count);
      expireTimeouts();
    }
    const { error } = (await errorEvent).detail;
    expect(error.code).to.equal('save-failed');
    expect(error.message).to.contain('connections-url did not answer within 20 seconds');
    await release(scope);
  });

  describe('of a function for request-headers', () => {
    const message = 'The function for request-headers did not answer within 20 seconds.';

    it('ends a load', async () => {
      const scope = uniqueName();
      const list = await mountList({
        connectionsUrl: connectionsUrl(scope),
        requestHeaders: never,
      });
      const errorEvent = nextEvent('pica-error');
      await until(() => controllers.length > 0);
      expireTimeouts();
      const { error } = (await errorEvent).detail;
      expect([error.code, error.message]).to.deep.equal(['token-headers-invalid', message]);
      await until(() => !list.busy);
      expect(await requests(scope)).to.deep.equal([]);
    });

    it('ends a save', async () => {
      const button = await mountSavingButton({
        connectionsUrl: connectionsUrl(uniqueName()),
        requestHeaders: never,
      });
      const errorEvent = nextEvent('pica-error');
      await connect(button);
      await until(() => controllers.length > 0);
      expireTimeouts();
      const { error } = (await errorEvent).detail;
      expect(error.code).to.equal('save-failed');
      expect(error.message).to.contain(message);
    });

    it('ends a deletion', async () => {
      const scope = uniqueName();
      await control(scope, { connections: { rows: [connection()] } });
      let headers: () => Promise<Record<string, string>> = () => Promise.resolve({});
      const list = await loadList(scope, { requestHeaders: () => headers() });
      headers = never;
      controllers = [];
      await disconnect(list, 'Gmail');
      await until(() => controllers.length > 0);
      const errorEvent = nextEvent('pica-error');
      expireTimeouts();
      const { error } = (await errorEvent).detail;
      expect(error.code).to.equal('disconnect-failed');
      expect(error.message).to.contain(message);
      await list.updateComplete;
      expect(rows(list)[0]?.textContent).to.contain('could not be disconnected');
    });
  });

  it('during check() appears in its finding', async () => {
    const scope = uniqueName();
    const list = await loadList(scope, { baseUrl: puppetUrl(scope) });
    await control(scope, { behaviour: [held('GET')] });
    const findings = list.check();
    await nextRequest(scope, { method: 'GET', state: 'held' });
    expireTimeouts();
    const found = (await findings).filter(({ code }) => code === 'load-failed');
    expect(found.map((finding) => finding.message)).to.deep.equal([
      'connections-url did not answer within 20 seconds.',
    ]);
  });
});
