import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { credentialFor } from '../../demo/app/backend/signed-credential.js';
import { startBackend, type Backend } from '../../demo/app/backend/server.js';
import { credentialSecret } from './credentials.js';
import { secret, startPica, type PicaStandIn } from './pica-stand-in.js';
import {
  ask,
  authkitOrigin,
  unreachableOrigin,
  startTestBackend,
  type AskOptions,
} from './test-backend.js';

const bearer = (credential: string) => ({ authorization: `Bearer ${credential}` });

async function cookieOf(backend: Pick<Backend, 'origin'>, user: string): Promise<string> {
  const { headers } = await ask(backend, 'POST', '/api/session', { body: { user } });
  return headers.get('set-cookie')?.split(';')[0] ?? '';
}

suite('a credential', () => {
  let pica: PicaStandIn;
  let backend: Backend;
  let ada: string;

  before(async () => {
    pica = await startPica();
    backend = await startTestBackend({ picaApi: pica.origin });
    ada = await cookieOf(backend, 'ada');
  });
  after(async () => {
    await backend.close();
    await pica.close();
  });

  const token = (options: AskOptions) => ask(backend, 'POST', '/api/authkit/token', options);
  const list = (options: AskOptions) => ask(backend, 'GET', '/api/connections', options);

  const forged = {
    'of another secret': credentialFor('token', 'ada', 'another-secret-of-thirty-two-letters'),
    'that has expired': credentialFor('token', 'ada', credentialSecret, -1),
    'for the other purpose': credentialFor('connections', 'ada', credentialSecret),
    'without a purpose': credentialFor('token', 'ada', credentialSecret).replace('token.', ''),
    'with another user': credentialFor('token', 'ada', credentialSecret).replace('ada', 'grace'),
    'with nothing but a user': 'ada',
  };
  for (const [what, credential] of Object.entries(forged)) {
    test(`${what} gets no token`, async () => {
      const { status, json } = await token({ headers: bearer(credential) });
      assert.equal(status, 401);
      assert.equal(json.error, 'credential-invalid');
    });
    test(`${what} gets no list either`, async () => {
      const purpose = what === 'for the other purpose' ? 'token' : 'connections';
      const forLists = credential.replace(/^(token|connections)/, purpose);
      assert.equal((await list({ headers: bearer(forLists) })).status, 401);
    });
  }

  test('for the token is ignored by lists, which use the session', async () => {
    const headers = { cookie: ada, ...bearer(credentialFor('token', 'ada', credentialSecret)) };
    assert.equal((await list({ headers })).status, 200);
  });

  test('for lists names their owner', async () => {
    const headers = bearer(credentialFor('connections', 'someone', credentialSecret));
    assert.equal((await list({ headers })).status, 200);
  });

  test('of a user other than the signed-in one is refused, also for lists', async () => {
    const { status, json } = await list({ user: 'grace', headers: { cookie: ada } });
    assert.equal(status, 409);
    assert.equal(json.error, 'user-mismatch');
  });

  test('cannot be replaced by x-user-id', async () => {
    const headers = { 'x-user-id': 'ada' };
    assert.equal((await token({ headers })).status, 401);
    assert.equal((await list({ headers })).status, 401);
  });

  const requestCredential = (body: object, headers: Record<string, string> = { cookie: ada }) =>
    ask(backend, 'POST', '/api/credential', { body, headers });

  for (const [purpose, path] of [
    ['token', '/api/authkit/token'],
    ['connections', '/api/connections'],
  ] as const) {
    test(`for ${purpose} is issued to the pages of the signed-in user`, async () => {
      const { status, json } = await requestCredential({ purpose, user: 'ada' });
      assert.equal(status, 200);
      const headers = bearer(String(json.credential));
      const method = purpose === 'token' ? 'POST' : 'GET';
      assert.equal((await ask(backend, method, path, { headers })).status, 200);
    });
  }

  test('is not issued for another user, without a session, or to another site', async () => {
    const purpose = 'token';
    assert.equal((await requestCredential({ purpose, user: 'grace' })).status, 409);
    assert.equal((await requestCredential({ purpose }, {})).status, 401);
    const forLists = bearer(credentialFor('connections', 'ada', credentialSecret));
    assert.equal((await requestCredential({ purpose }, forLists)).status, 401);
    assert.equal((await requestCredential({ purpose: 'anything' })).status, 400);
    const site = { cookie: ada, 'sec-fetch-site': 'cross-site' };
    assert.equal((await requestCredential({ purpose }, site)).status, 403);
  });
});

suite('INSECURE_PLAIN_USER_IDS', () => {
  test('lets anybody be any user', async () => {
    const backend = await startTestBackend({ trustsPlainIds: true });
    const headers = { 'x-user-id': 'ada' };
    assert.equal((await ask(backend, 'GET', '/api/connections', { headers })).status, 200);
    await backend.close();
  });

  test('refuses to start with a live key', () =>
    assert.rejects(
      startBackend({
        ...{ database: 'memory://', picaApi: unreachableOrigin, authkitOrigin },
        picaSecret: 'sk_live_1_real',
        trustsPlainIds: true,
      }),
      { name: 'StartError', message: /INSECURE_PLAIN_USER_IDS/ },
    ));
});

suite('rotated secrets', () => {
  const [older, newer] = [
    'the-older-secret-of-thirty-two-letters',
    'the-newer-secret-of-thirty-two-letters',
  ];

  test('verify cookies and credentials while they are listed, and the first one signs', async () => {
    const forCookies = (secret: string) => `${secret}-of-cookies`;
    const secrets = (...all: string[]) => ({
      cookieSecrets: all.map(forCookies),
      credentialSecrets: all,
    });
    const before = await startTestBackend(secrets(older));
    const cookie = await cookieOf(before, 'ada');
    await before.close();
    const credential = credentialFor('connections', 'ada', older);
    const statuses = async (backend: Backend) => [
      (await ask(backend, 'GET', '/api/connections', { headers: { cookie } })).status,
      (await ask(backend, 'GET', '/api/connections', { headers: bearer(credential) })).status,
    ];

    const between = await startTestBackend(secrets(newer, older));
    assert.deepEqual(await statuses(between), [200, 200]);
    const newCookie = await cookieOf(between, 'ada');
    await between.close();

    const afterwards = await startTestBackend(secrets(newer));
    assert.deepEqual(await statuses(afterwards), [401, 401]);
    const headers = { cookie: newCookie };
    assert.equal((await ask(afterwards, 'GET', '/api/connections', { headers })).status, 200);
    await afterwards.close();
  });

  test('must differ for cookies and credentials, or one would pass for the other', () =>
    assert.rejects(
      startTestBackend({ cookieSecrets: [newer, older], credentialSecrets: [older] }),
      ({ name, message }: Error) =>
        name === 'StartError' && message.includes('CREDENTIAL_SECRET') && !message.includes(older),
    ));

  test('must not be short', () =>
    assert.rejects(startTestBackend({ cookieSecrets: ['short'] }), /cookieSecrets.*32/));

  for (const [what, keys] of [
    ['the new one, which Pica does not know yet', `sk_test_unknown,${secret}`],
    ['the old one, which Pica has revoked', `${secret}, sk_test_revoked`],
  ] as const) {
    test(`of Pica work with a key other than ${what}`, async () => {
      const pica = await startPica();
      const backend = await startTestBackend({ picaApi: pica.origin, picaSecret: keys });
      pica.addToVault('ada', 'a');
      const body = { platform: 'gmail', connection_key: 'a' };
      const answers = [
        await ask(backend, 'POST', '/api/connections', { user: 'ada', body }),
        await ask(backend, 'POST', '/api/authkit/token', { user: 'ada' }),
        await ask(backend, 'GET', '/api/integrations'),
      ];
      assert.deepEqual(
        answers.map(({ status }) => status),
        [201, 200, 200],
      );
      // A refused key is not tried again for each request.
      const refused = pica.received.filter((request) => request.secret !== secret);
      assert.ok(refused.length <= 1);
      await backend.close();
      await pica.close();
    });
  }

  test('of Pica must be of one environment', () =>
    assert.rejects(startTestBackend({ picaSecret: 'sk_live_1,sk_test_1' }), /one environment/));
});
