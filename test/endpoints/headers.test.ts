import { expect } from '@open-wc/testing';
import { mountButton, mountList, nextEvent, part, until } from '../fixtures/elements.js';
import { connection, disconnect, loadList, rows } from '../fixtures/list.js';
import { endpoints } from '../fixtures/servers/origins.js';
import { control, requests, uniqueName } from '../fixtures/servers/puppet-client.js';

const requestHeaders = { authorization: 'Bearer for-this-address-only' };

/** An endpoint that redirects a request to another one, whose response any page may read. */
const createRedirect = async (method: string, path: string) => {
  const [scope, target] = [uniqueName(), uniqueName()];
  const location = `${endpoints}/${target}/${path}`;
  const rows = [connection()];
  await control(target, { connections: { rows } });
  await control(scope, {
    connections: { rows },
    behaviour: [{ method, path, status: 307, headers: { location } }],
  });
  return { scope, elsewhere: target };
};

describe('request headers', () => {
  it('are not sent to a redirect of a list’s request, which causes an error', async () => {
    const { scope, elsewhere } = await createRedirect('GET', 'connections');
    const errorEvent = nextEvent('pica-error');
    const connectionsUrl = `${endpoints}/${scope}/connections`;
    const list = await mountList({ connectionsUrl, requestHeaders });
    const { code, message } = (await errorEvent).detail.error;
    expect([code, message]).to.deep.equal([
      'load-failed',
      'connections-url answered with a redirect.',
    ]);
    expect(list.connections).to.deep.equal([]);
    expect(await requests(elsewhere)).to.deep.equal([]);
  });

  it('that are missing allow a list’s request to be redirected', async () => {
    const { scope, elsewhere } = await createRedirect('GET', 'connections');
    expect(rows(await loadList(scope))).to.have.lengthOf(1);
    expect(await requests(elsewhere)).to.have.lengthOf(1);
  });

  for (const [condition, headers] of [
    ['with headers', requestHeaders],
    ['without headers', null],
  ] as const) {
    it(`do not change that DELETE follows no redirect, ${condition}`, async () => {
      const path = `connections/${encodeURIComponent(connection().key)}`;
      const { scope, elsewhere } = await createRedirect('DELETE', path);
      const list = await loadList(scope, { requestHeaders: headers });
      const errorEvent = nextEvent('pica-error');
      await disconnect(list, 'Gmail');
      const { code, message } = (await errorEvent).detail.error;
      expect(code).to.equal('disconnect-failed');
      expect(message).to.contain('connections-url answered with a redirect');
      expect(rows(list)).to.have.lengthOf(1);
      expect(await requests(elsewhere)).to.deep.equal([]);
    });
  }
});

describe('the name of a header', () => {
  const secrets = {
    'that is invalid': 'sk live 4eC39HqLyjWDarjtT1zdp7dc',
    'that is a token': 'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9',
    'that is a key': 'sk_live_4eC39HqLyjWDarjtT1zdp7dc',
    'that is an ID': 'f47ac10b-58cc-4372-a567-0e02b2c3d479',
    'that is a key of only letters': 'sk_live_abcdefghijklmnop',
    'that is a password': 'Tr0ub4dor-3',
  };
  const { warn } = console;
  let warnings = '';

  beforeEach(() => {
    warnings = '';
    console.warn = (text: string) => {
      warnings += text;
    };
  });

  afterEach(() => {
    console.warn = warn;
  });

  for (const [description, secret] of Object.entries(secrets)) {
    for (const value of ['no\nvalue', 7 as never, '', 'x']) {
      it(`${description} appears nowhere if its value is ${JSON.stringify(value)}`, async () => {
        const scope = uniqueName();
        // The response echoes the header, and doesn't allow it.
        await control(scope, {
          behaviour: [{ path: 'token', status: 400, body: `Bad header: ${secret}` }],
        });
        const element = await mountButton(
          { tokenHeaders: { [secret]: value, accept: value }, debug: true },
          scope,
        );
        const errorEvent = nextEvent('pica-error');
        void element.open();
        const { code, message, hint, cause } = (await errorEvent).detail.error;
        element.close();
        const findings = await element.check();
        const root = () => part(element, 'message').getRootNode() as ShadowRoot;
        await until(() => (root().querySelector('.debug')?.textContent ?? '').includes(code));
        const outputs = [message, hint, String(cause), warnings, root().textContent];
        const output = [...outputs, JSON.stringify(findings)].join('\n').toLowerCase();
        expect(output).not.to.contain(secret.slice(0, 8).toLowerCase());
        expect(output).not.to.contain(secret.slice(-8).toLowerCase());
      });
    }
  }

  it('that is valid appears in the error', async () => {
    for (const name of ['x-user-id', 'Authorization', 'X-B3-TraceId', 'user_id']) {
      const element = await mountButton({ tokenHeaders: { [name]: 'a\nb' } });
      const errorEvent = nextEvent('pica-error');
      void element.open();
      expect((await errorEvent).detail.error.message).to.contain(`"${name}"`);
    }
  });
});
