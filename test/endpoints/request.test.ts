import { expect } from '@open-wc/testing';
import { mountButton, mountList, nextEvent, recordEvents, until } from '../fixtures/elements.js';
import { connection, disconnect, loadList, rows, announcement } from '../fixtures/list.js';
import { connect, connectionsUrl, posts } from '../fixtures/saving.js';
import { endpoints } from '../fixtures/servers/origins.js';
import { control, uniqueName } from '../fixtures/servers/puppet-client.js';
import type { Behaviour } from '../fixtures/servers/protocol.js';

const html = { 'content-type': 'text/html; charset=utf-8' };
const loginPage = '<!doctype html><title>Log in</title>';

/** Responses with status 200 that did nothing: login pages, and apps that answer every URL. */
const webPages: [string, Partial<Behaviour>][] = [
  ['a web page', { status: 200, body: loginPage, headers: html }],
  ['a web page without a content type', { status: 200, body: loginPage }],
  [
    'a web page that calls itself JSON',
    { body: loginPage, status: 200, headers: { 'content-type': 'application/json' } },
  ],
  [
    'a web page after a byte order mark',
    { status: 200, body: `\ufeff\r\n\t ${loginPage}`, headers: html },
  ],
  ['a web page after much white space', { status: 200, body: ' '.repeat(200_000) + loginPage }],
];

/** Responses of servers that did their work. PHP sends text/html with anything that it prints. */
const successes: [string, Partial<Behaviour>][] = [
  ['JSON as text/html', { status: 200, body: '{"ok": "<b>yes</b>"}', headers: html }],
  ['nothing as text/html', { status: 200, body: '', headers: html }],
  ['white space', { status: 200, body: ' \n' }],
  ['a word', { status: 201, body: 'OK' }],
  ['202', { status: 202, body: '{"state": "unknown"}' }],
  ['204', { status: 204 }],
  ['205', { status: 205 }],
];

const { key } = connection();

/** Loads a list of one connection, whose DELETE gets this response. */
const loadListWithResponse = async (behaviour: Partial<Behaviour>) => {
  const scope = uniqueName();
  await control(scope, {
    connections: { rows: [connection()] },
    behaviour: [{ method: 'DELETE', path: `connections/${encodeURIComponent(key)}`, ...behaviour }],
  });
  return loadList(scope);
};

const mountButtonWithResponse = async (behaviour: Partial<Behaviour>) => {
  const scope = uniqueName();
  await control(scope, { behaviour: [{ method: 'POST', path: 'connections', ...behaviour }] });
  const button = await mountButton({ connectionsUrl: connectionsUrl(scope), identity: 'ada' });
  return { scope, button };
};

beforeEach(() => {
  localStorage.clear();
});

describe('a response to POST', () => {
  for (const [description, behaviour] of webPages) {
    it(`that is ${description} has saved nothing, so the connection stays in the outbox`, async () => {
      const { scope, button } = await mountButtonWithResponse(behaviour);
      const errorEvent = nextEvent('pica-error');
      const { closed } = await connect(button);
      const { error } = (await errorEvent).detail;
      expect(error.code).to.equal('save-failed');
      expect(error.message).to.contain('connections-url answered with a web page');
      expect(error.hint).to.contain('Is the user signed out?').and.not.to.contain('Log in');
      button.close();
      await closed;
      await until(() => button.status === 'unsaved');
      expect(button.shadowRoot?.textContent).not.to.contain('Log in');
      expect(localStorage).to.have.length(1);
      expect(await posts(scope)).to.have.length(1);
    });
  }

  for (const [description, behaviour] of successes) {
    it(`that is ${description} has saved the connection`, async () => {
      const { button } = await mountButtonWithResponse(behaviour);
      const { names } = recordEvents(button);
      await connect(button);
      await until(() => button.status === 'open');
      expect(names).not.to.include('pica-error');
      expect(localStorage).to.have.length(0);
    });
  }

  it('that is a redirect causes a hint about signed-out users', async () => {
    const location = `${endpoints}/login`;
    const { button } = await mountButtonWithResponse({ status: 302, headers: { location } });
    const errorEvent = nextEvent('pica-error');
    await connect(button);
    expect((await errorEvent).detail.error.hint).to.contain('Is the user signed out?');
  });
});

describe('a response to DELETE', () => {
  for (const [description, behaviour] of webPages) {
    it(`that is ${description} has deleted nothing, so the row stays, with an error`, async () => {
      const list = await loadListWithResponse(behaviour);
      const errorEvent = nextEvent('pica-error');
      await disconnect(list, 'Gmail');
      const { error } = (await errorEvent).detail;
      expect(error.code).to.equal('disconnect-failed');
      expect(error.message).to.contain('connections-url answered with a web page');
      expect(error.hint).to.contain('Is the user signed out?').and.to.contain('still there');
      await list.updateComplete;
      expect(announcement(list)).not.to.contain('was disconnected');
      expect(rows(list)[0]?.textContent).to.contain('could not be disconnected');
    });
  }

  for (const [description, behaviour] of successes) {
    it(`that is ${description} has deleted the connection`, async () => {
      const list = await loadListWithResponse(behaviour);
      const { names } = recordEvents(list);
      await disconnect(list, 'Gmail');
      await until(() => announcement(list).includes('was disconnected'));
      expect(names).not.to.include('pica-error');
    });
  }

  it('that is a redirect causes a hint about signed-out users', async () => {
    const location = `${endpoints}/login`;
    const list = await loadListWithResponse({ status: 302, headers: { location } });
    const errorEvent = nextEvent('pica-error');
    await disconnect(list, 'Gmail');
    expect((await errorEvent).detail.error.hint).to.contain('Is the user signed out?');
    await list.updateComplete;
    expect(rows(list)).to.have.length(1);
  });
});

describe('a response to GET', () => {
  for (const [description, behaviour] of webPages) {
    it(`that is ${description} causes a hint about signed-out users`, async () => {
      const scope = uniqueName();
      await control(scope, { behaviour: [{ path: 'connections', ...behaviour }] });
      const errorEvent = nextEvent('pica-error');
      const list = await mountList({ connectionsUrl: connectionsUrl(scope) });
      const { code, hint } = (await errorEvent).detail.error;
      expect(code).to.equal('load-failed');
      expect(hint).to.contain('Is the user signed out?');
      await list.updateComplete;
      expect(list.shadowRoot?.textContent).not.to.contain('Log in');
    });
  }

  it('that redirects to a login page causes a hint about signed-out users', async () => {
    const [scope, login] = [uniqueName(), uniqueName()];
    const location = `${endpoints}/${login}/connections`;
    await control(login, { behaviour: [{ path: 'connections', body: loginPage, headers: html }] });
    await control(scope, {
      behaviour: [{ path: 'connections', status: 302, headers: { location } }],
    });
    const errorEvent = nextEvent('pica-error');
    await mountList({ connectionsUrl: connectionsUrl(scope) });
    const { message, hint } = (await errorEvent).detail.error;
    expect(message).to.equal('connections-url answered with a web page.');
    expect(hint).to.contain('Is the user signed out?');
  });
});
