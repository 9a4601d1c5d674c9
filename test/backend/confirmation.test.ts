import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { after, afterEach, before, suite, test } from 'node:test';
import type { Backend } from '../../demo/app/backend/server.js';
import { startBackendProcess } from './backend-process.js';
import { credentialSecret, headersOf } from './credentials.js';
import { guard } from './hang-guard.js';
import { secret, startPica, type PicaStandIn } from './pica-stand-in.js';
import { ask, authkitOrigin, unreachableOrigin, startTestBackend } from './test-backend.js';

const endpoint = '/api/connections';
const vaultPath = '/v1/vault/connections';
const pathOf = (key: string) => `${endpoint}/${encodeURIComponent(key)}`;
const bodyOf = (key: string) => ({ platform: 'gmail', connection_key: key, environment: 'test' });

const save = (backend: Pick<Backend, 'origin'>, user: string, key: string) =>
  ask(backend, 'POST', endpoint, { user, body: bodyOf(key) });
const rowsOf = async (backend: Pick<Backend, 'origin'>, user: string) =>
  (await ask(backend, 'GET', endpoint, { user })).json.rows as Record<string, unknown>[];

suite('the owner of a key', () => {
  let pica: PicaStandIn;
  let backend: Backend;
  let keys = 0;
  const newKey = () => `test::gmail::default::${++keys}|owner`;

  before(async () => {
    pica = await startPica();
    backend = await startTestBackend({ picaApi: pica.origin, confirmTimeoutMs: 0 });
  });
  afterEach(() => pica.reset());
  after(async () => {
    await backend.close();
    await pica.close();
  });

  const messages = () => pica.received.filter(({ path }) => path.startsWith('/v1/passthrough'));

  test('is looked up in the vault, by identity and identity type', async () => {
    const key = newKey();
    pica.addToVault('owner', key);
    assert.equal((await save(backend, 'owner', key)).status, 201);
    const { identity, identityType } = pica.received[0]?.query ?? {};
    assert.deepEqual({ identity, identityType }, { identity: 'owner', identityType: 'user' });
  });

  // Node 20 and 22 may never finish reading a compressed response that is canceled.
  test('is looked up without compression', async () => {
    await save(backend, 'owner', newKey());
    assert.equal(pica.received[0]?.acceptEncoding, 'identity');
  });

  test('is not looked up again for a stored connection', async () => {
    const key = newKey();
    pica.addToVault('owner', key);
    await save(backend, 'owner', key);
    const requestsBefore = pica.received.length;
    assert.equal((await save(backend, 'owner', key)).status, 200);
    assert.equal(pica.received.length, requestsBefore);
  });

  test('is not proven by knowing the key: the connection is listed as unconfirmed', async () => {
    const key = newKey();
    pica.addToVault('owner', key);
    const { status, json } = await save(backend, 'thief', key);
    assert.equal(status, 202);
    assert.equal(json.state, 'unknown');
    assert.equal(json.confirmed, false);
    assert.deepEqual(await rowsOf(backend, 'thief'), [json]);
  });

  test('is not revealed by the answer, which is the same for a key that nobody has', async () => {
    const [ownedKey, unknownKey] = [newKey(), newKey()];
    pica.addToVault('owner', ownedKey);
    await save(backend, 'owner', ownedKey);
    const owned = await save(backend, 'thief', ownedKey);
    const unknown = await save(backend, 'thief', unknownKey);
    assert.equal(owned.status, unknown.status);
    assert.deepEqual(Object.keys(owned.json), Object.keys(unknown.json));
    assert.equal(
      (await rowsOf(backend, 'thief')).filter((row) => row.confirmed === false).length,
      3,
    );
  });

  test('must be confirmed before the connection can be used', async () => {
    const key = newKey();
    pica.addToVault('owner', key);
    await save(backend, 'thief', key);
    const { status, json } = await ask(backend, 'POST', `${pathOf(key)}/test`, {
      user: 'thief',
      body: {},
    });
    assert.equal(status, 409);
    assert.equal(json.error, 'connection-unconfirmed');
    assert.deepEqual(messages(), []);
  });

  test('can save and use the connection even if somebody else has claimed it', async () => {
    const key = newKey();
    pica.addToVault('owner', key);
    await save(backend, 'thief', key);
    assert.equal((await save(backend, 'owner', key)).status, 201);
    pica.answers.set('/v1/passthrough/test-message', () => Response.json({}));
    const use = { user: 'owner', body: {} };
    assert.equal((await ask(backend, 'POST', `${pathOf(key)}/test`, use)).status, 200);
    // The other order works, too.
    assert.equal((await save(backend, 'thief', key)).status, 202);
    assert.ok((await rowsOf(backend, 'owner')).some((row) => row.connection_key === key));
  });

  test('is the only user who can disconnect it, and others can delete only their own claims', async () => {
    const key = newKey();
    pica.addToVault('owner', key);
    await save(backend, 'owner', key);
    await save(backend, 'thief', key);
    assert.equal((await ask(backend, 'DELETE', pathOf(key), { user: 'stranger' })).status, 404);
    assert.equal((await ask(backend, 'DELETE', pathOf(key), { user: 'thief' })).status, 204);
    assert.ok((await rowsOf(backend, 'owner')).some((row) => row.connection_key === key));
    assert.equal((await ask(backend, 'DELETE', pathOf(key), { user: 'owner' })).status, 204);
  });

  test('is found even if the key appears in the vault a little later', async () => {
    const waitingBackend = await startTestBackend({
      picaApi: pica.origin,
      confirmTimeoutMs: 10_000,
    });
    const key = newKey();
    let lookUpCount = 0;
    pica.answers.set(vaultPath, () => {
      if (++lookUpCount === 2) {
        pica.answers.delete(vaultPath);
        pica.addToVault('owner', key);
      }
      return Response.json({ rows: [], total: 0, pages: 1, page: 1 });
    });
    assert.equal((await save(waitingBackend, 'owner', key)).status, 201);
    await waitingBackend.close();
  });

  test('is not the user with the same id if the key has another identity type', async () => {
    const key = newKey();
    pica.answers.set(vaultPath, () => {
      const row = { id: '1', key, platform: 'gmail', identity: 'owner', identityType: 'team' };
      return Response.json({ rows: [row], total: 1, pages: 1, page: 1 });
    });
    assert.equal((await save(backend, 'owner', key)).status, 202);
  });

  test('can claim at most twenty keys, and can save each of them again', async () => {
    const created = Array.from({ length: 25 }, newKey);
    const statuses = await Promise.all(
      created.map(async (key) => (await save(backend, 'greedy', key)).status),
    );
    assert.deepEqual(statuses.sort(), [
      ...Array<number>(20).fill(202),
      ...Array<number>(5).fill(429),
    ]);
    const rows = await rowsOf(backend, 'greedy');
    assert.equal(rows.length, 20);
    const refused = await save(backend, 'greedy', newKey());
    assert.equal(refused.status, 429);
    assert.equal(refused.headers.get('retry-after'), '10');
    assert.equal((await save(backend, 'greedy', String(rows[0]?.connection_key))).status, 202);
    // Other users are not affected.
    assert.equal((await save(backend, 'modest', newKey())).status, 202);
  });

  test('is unknown while Pica fails, and nothing is lost', async () => {
    const isolatedBackend = await startTestBackend({ picaApi: unreachableOrigin });
    const { status, json } = await save(isolatedBackend, 'owner', 'test::gmail::unasked');
    assert.equal(status, 202);
    assert.deepEqual(await rowsOf(isolatedBackend, 'owner'), [json]);
    // The outbox saves it again.
    const secondSave = await save(isolatedBackend, 'owner', 'test::gmail::unasked');
    assert.deepEqual([secondSave.status, secondSave.json], [202, json]);
    await isolatedBackend.close();
  });
});

suite('the search for a key that is not in the vault', () => {
  let pica: PicaStandIn;
  const steps = new EventEmitter();

  before(async () => {
    pica = await startPica();
    pica.answers.set(vaultPath, () => {
      steps.emit('looked');
      return Response.json({ rows: [], total: 0, pages: 1, page: 1 });
    });
  });
  after(() => pica.close());

  // Far longer than a test may take.
  const options = () => ({ picaApi: pica.origin, confirmTimeoutMs: 300_000 });

  test('ends with an answer when the process shuts down', async () => {
    const backend = await startTestBackend(options());
    const reached = once(steps, 'looked');
    const firstSave = save(backend, 'owner', 'test::gmail::late');
    await guard('a request to Pica', reached);
    const closed = backend.close();
    assert.equal((await firstSave).status, 202);
    await closed;
  });

  test(
    'is repeated for one key of an owner, and other keys are looked up once',
    { timeout: 60_000 },
    async () => {
      const backend = await startTestBackend(options());
      const reached = once(steps, 'looked');
      const firstSave = save(backend, 'owner', 'test::gmail::late');
      await guard('a request to Pica', reached);
      const secondSave = save(backend, 'owner', 'test::gmail::late');
      for (let n = 1; n <= 3; n++) {
        assert.equal((await save(backend, 'owner', `test::gmail::other-${n}`)).status, 202);
      }
      const lookUps = pica.received.filter(({ query }) => query.identity === 'owner').length;
      // Other users don't wait for it.
      const otherReached = once(steps, 'looked');
      const otherSave = save(backend, 'else', 'test::gmail::elses');
      await guard('a request to Pica', otherReached);
      // One look-up for each of the three other keys. The rest are the repeated ones.
      assert.ok(lookUps < 7, String(lookUps));
      const closed = backend.close();
      const statuses = (await Promise.all([firstSave, secondSave, otherSave])).map(
        ({ status }) => status,
      );
      assert.deepEqual(statuses, [202, 202, 202]);
      await closed;
    },
  );

  test('ends when the client disconnects', { timeout: 60_000 }, async (t) => {
    const backend = await startBackendProcess({
      ...options(),
      database: 'memory://',
      picaSecret: secret,
      authkitOrigin,
      credentialSecrets: [credentialSecret],
    });
    t.after(() => backend.kill());
    const controller = new AbortController();
    const reached = once(steps, 'looked');
    const firstSave = fetch(backend.origin + endpoint, {
      method: 'POST',
      headers: {
        ...headersOf('owner'),
        'content-type': 'application/json',
        'x-request-id': 'gone',
      },
      body: JSON.stringify(bodyOf('test::gmail::gone')),
      signal: controller.signal,
    });
    await guard('a request to Pica', reached);
    controller.abort();
    await assert.rejects(firstSave);
    assert.equal((await backend.logged(/"requestId":"gone".*"msg":"answered"/)).status, 202);
  });
});
