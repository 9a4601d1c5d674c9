import { expect } from '@open-wc/testing';
import { mountButton, mountList, nextEvent, part, until } from '../fixtures/elements.js';
import { connection, disconnect, loadList, rows } from '../fixtures/list.js';
import { endpoints } from '../fixtures/servers/origins.js';
import { control, requests, uniqueName } from '../fixtures/servers/puppet-client.js';

const requestHeaders = { authorization: 'Bearer for-this-address-only' };

/** An endpoint that sends this request on to another one, which would let any page read its answer. */
const redirecting = async (method: string, path: string) => {
  const [scope, elsewhere] = [uniqueName(), uniqueName()];
  const location = `${endpoints}/${elsewhere}/${path}`;
  const rows = [connection()];
  await control(elsewhere, { connections: { rows } });
  await control(scope, {
    connections: { rows },
    behaviour: [{ method, path, status: 307, headers: { location } }],
  });
  return { scope, elsewhere };
};

describe('headers for an address', () => {
  it('go nowhere else when a list is redirected, which is an error that says so', async () => {
    const { scope, elsewhere } = await redirecting('GET', 'connections');
    const heard = nextEvent('pica-error');
    const connectionsUrl = `${endpoints}/${scope}/connections`;
    const list = await mountList({ connectionsUrl, requestHeaders });
    const { code, message } = (await heard).detail.error;
    expect([code, message]).to.deep.equal([
      'load-failed',
      'connections-url answered with a redirect.',
    ]);
    expect(list.connections).to.deep.equal([]);
    expect(await requests(elsewhere)).to.deep.equal([]);
  });

  it('that there are not let a list be redirected', async () => {
    const { scope, elsewhere } = await redirecting('GET', 'connections');
    expect(rows(await loadList(scope))).to.have.lengthOf(1);
    expect(await requests(elsewhere)).to.have.lengthOf(1);
  });

  for (const [what, headers] of [
    ['with', requestHeaders],
    ['without', null],
  ] as const) {
    it(`are not the question when a row is deleted, ${what} them: nothing is deleted elsewhere`, async () => {
      const path = `connections/${encodeURIComponent(connection().key)}`;
      const { scope, elsewhere } = await redirecting('DELETE', path);
      const list = await loadList(scope, { requestHeaders: headers });
      const heard = nextEvent('pica-error');
      await disconnect(list, 'Gmail');
      const { code, message } = (await heard).detail.error;
      expect(code).to.equal('disconnect-failed');
      expect(message).to.contain('connections-url answered with a redirect');
      expect(rows(list)).to.have.lengthOf(1);
      expect(await requests(elsewhere)).to.deep.equal([]);
    });
  }
});

describe("a header's name", () => {
  const secrets = {
    'that is none': 'sk live 4eC39HqLyjWDarjtT1zdp7dc',
    'that is a token': 'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9',
    'that is a key': 'sk_live_4eC39HqLyjWDarjtT1zdp7dc',
    'that is an id': 'f47ac10b-58cc-4372-a567-0e02b2c3d479',
    'that is a key of letters': 'sk_live_abcdefghijklmnop',
    'that is a password': 'Tr0ub4dor-3',
  };
  const { warn } = console;
  let told = '';

  beforeEach(() => {
    told = '';
    console.warn = (text: string) => {
      told += text;
    };
  });

  afterEach(() => {
    console.warn = warn;
  });

  for (const [what, secret] of Object.entries(secrets)) {
    for (const value of ['no\nvalue', 7 as never, '', 'x']) {
      it(`${what} is shown nowhere, with the value ${JSON.stringify(value)}`, async () => {
        const scope = uniqueName();
        // Repeats what it has been sent, and does not allow it either.
        await control(scope, {
          behaviour: [{ path: 'token', status: 400, body: `Bad header: ${secret}` }],
        });
        const element = await mountButton(
          { tokenHeaders: { [secret]: value, accept: value }, debug: true },
          scope,
        );
        const heard = nextEvent('pica-error');
        void element.open();
        const { code, message, hint, cause } = (await heard).detail.error;
        element.close();
        const findings = await element.check();
        const shown = () => part(element, 'message').getRootNode() as ShadowRoot;
        await until(() => (shown().querySelector('.debug')?.textContent ?? '').includes(code));
        const all = [message, hint, String(cause), told, shown().textContent];
        const texts = [...all, JSON.stringify(findings)].join('\n').toLowerCase();
        expect(texts).not.to.contain(secret.slice(0, 8).toLowerCase());
        expect(texts).not.to.contain(secret.slice(-8).toLowerCase());
      });
    }
  }

  it('that is one is said, so that it can be found', async () => {
    for (const name of ['x-user-id', 'Authorization', 'X-B3-TraceId', 'user_id']) {
      const element = await mountButton({ tokenHeaders: { [name]: 'a\nb' } });
      const heard = nextEvent('pica-error');
      void element.open();
      expect((await heard).detail.error.message).to.contain(`"${name}"`);
    }
  });
});
