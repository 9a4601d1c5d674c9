import assert from 'node:assert/strict';
import { after, afterEach, before, suite, test } from 'node:test';
import type { Backend } from '../../demo/app/backend/server.js';
import { startSandbox, type Sandbox } from '../../demo/sandbox/server.js';
import type { VaultRow } from '../../demo/sandbox/vault.js';
import { ask as askSandbox, post } from '../sandbox/requests.js';
import { secret, startPica, type PicaStandIn } from './pica-stand-in.js';
import { ask, startTestBackend } from './test-backend.js';

const endpoint = '/api/connections';
const pathOf = (key: string) => `${endpoint}/${encodeURIComponent(key)}`;

/** What two answers could be told apart by; each request has its own id and moment. */
const comparable = ({ status, text, headers }: Awaited<ReturnType<typeof ask>>) => ({
  status,
  text,
  headers: [...headers].filter(([name]) => !['x-request-id', 'date'].includes(name)),
});

suite('a test message', () => {
  let pica: PicaStandIn;
  let backend: Backend;

  before(async () => {
    pica = await startPica();
    backend = await startTestBackend({ picaApi: pica.origin });
  });
  afterEach(() => pica.reset());
  after(async () => {
    await backend.close();
    await pica.close();
  });

  const save = (user: string, key: string) => {
    pica.addToVault(user, key);
    const body = { platform: 'gmail', connection_key: key };
    return ask(backend, 'POST', endpoint, { user, body });
  };
  const send = (user: string, key: string, headers = {}) =>
    ask(backend, 'POST', `${pathOf(key)}/test`, { user, headers, body: {} });
  const messages = () => pica.received.filter(({ path }) => path.startsWith('/v1/passthrough'));
  const passthrough = '/v1/passthrough/test-message';

  test('goes through Pica with the stored key and the secret', async () => {
    const key = 'test::gmail::default::1|ada';
    await save('ada', key);
    pica.answers.set(passthrough, () => Response.json({ private: 'mail' }));
    const { status, json } = await send('ada', key);
    assert.equal(status, 200);
    assert.deepEqual(json, { platform: 'gmail', status: 200 });
    const [message, ...others] = messages();
    assert.deepEqual(others, []);
    assert.equal(message?.method, 'POST');
    assert.equal(message.connectionKey, key);
    assert.equal(message.secret, secret);
  });

  test("over another user's connection is answered like one over none, and not sent", async () => {
    await save('ada', 'of-ada');
    const theirs = await send('grace', 'of-ada');
    const missing = await send('grace', 'of-none');
    assert.equal(theirs.status, 404);
    assert.deepEqual(comparable(theirs), comparable(missing));
    assert.deepEqual(messages(), []);
  });

  test('needs a user', async () => {
    const { status } = await ask(backend, 'POST', `${pathOf('any')}/test`, { body: {} });
    assert.equal(status, 401);
  });

  test('is not sent for a page of another site', async () => {
    await save('ada', 'guarded');
    const { status } = await send('ada', 'guarded', { origin: 'https://elsewhere.example' });
    assert.equal(status, 403);
    assert.deepEqual(messages(), []);
  });

  for (const answered of [401, 403, 404, 500]) {
    test(`that is answered with ${answered} has not arrived, and the answer stays here`, async () => {
      await save('ada', 'failing');
      pica.answers.set(passthrough, () => new Response('private', { status: answered }));
      const { status, json, text } = await send('ada', 'failing');
      assert.equal(status, 502);
      assert.equal(json.error, 'test-failed');
      assert.match(String(json.message), new RegExp(String(answered)));
      assert.doesNotMatch(text, /private/);
    });
  }
});

suite('disconnecting', () => {
  let sandbox: Sandbox;
  let backend: Backend;

  before(async () => {
    sandbox = await startSandbox();
    backend = await startTestBackend({
      picaApi: sandbox.origin,
      picaSecret: 'sk_test_sandbox',
      confirmTimeoutMs: 0,
    });
  });
  afterEach(() => askSandbox(sandbox, '/sandbox/faults', { method: 'DELETE' }));
  after(async () => {
    await backend.close();
    await sandbox.close();
  });

  const inVault = async (identity: string) =>
    (await post<VaultRow>(sandbox, '/sandbox/vault', { platform: 'gmail', identity })).body;
  const vaultHas = async ({ id }: VaultRow) =>
    (await askSandbox(sandbox, `/v1/vault/connections/${id}`)).status === 200;
  const save = (user: string, key: string) =>
    ask(backend, 'POST', endpoint, { user, body: { platform: 'gmail', connection_key: key } });
  const remove = (user: string, key: string) => ask(backend, 'DELETE', pathOf(key), { user });
  const keysOf = async (user: string) => {
    const { json } = await ask(backend, 'GET', endpoint, { user });
    return (json.rows as { connection_key: string }[]).map((row) => row.connection_key);
  };
  const fault = (more: object) =>
    post(sandbox, '/sandbox/faults', { path: '/v1/vault/connections', ...more });

  test('deletes at Pica and in the table', async () => {
    const made = await inVault('ada');
    await save('ada', made.key);
    assert.equal((await remove('ada', made.key)).status, 204);
    assert.equal(await vaultHas(made), false);
    assert.deepEqual(await keysOf('ada'), []);
  });

  test('deletes at Pica what was never stored', async () => {
    const made = await inVault('unstored');
    assert.equal((await remove('unstored', made.key)).status, 204);
    assert.equal(await vaultHas(made), false);
  });

  test('deletes in the table what Pica has no more', async () => {
    await save('leftover', 'test::gmail::gone');
    assert.equal((await remove('leftover', 'test::gmail::gone')).status, 204);
    assert.deepEqual(await keysOf('leftover'), []);
  });

  test("another user's is answered like none, and nothing is deleted", async () => {
    const made = await inVault('owner');
    await save('owner', made.key);
    const theirs = await remove('stranger', made.key);
    const missing = await remove('stranger', 'test::gmail::none');
    assert.equal(theirs.status, 404);
    assert.deepEqual(comparable(theirs), comparable(missing));
    assert.ok(await vaultHas(made));
    assert.deepEqual(await keysOf('owner'), [made.key]);
  });

  for (const [what, more] of Object.entries({
    'cannot be asked': { status: 503 },
    'does not delete': { status: 500, method: 'DELETE' },
    'refuses the key': { status: 401 },
  })) {
    test(`is a 502 when Pica ${what}, and the row stays`, async () => {
      const made = await inVault('patient');
      await save('patient', made.key);
      await fault(more);
      const { status, json } = await remove('patient', made.key);
      assert.equal(status, 502);
      assert.match(String(json.error), /^pica-/);
      assert.ok((await keysOf('patient')).includes(made.key));
    });
  }

  test('can be repeated when the answer of Pica was lost', async () => {
    const made = await inVault('repeater');
    await save('repeater', made.key);
    await fault({ status: 500, method: 'DELETE', after: true, times: 1 });
    assert.equal((await remove('repeater', made.key)).status, 502);
    assert.equal(await vaultHas(made), false);
    assert.equal((await remove('repeater', made.key)).status, 204);
    assert.deepEqual(await keysOf('repeater'), []);
  });

  test('that meets a 404 of Pica, as two at once do, goes on', async () => {
    const made = await inVault('twice');
    await save('twice', made.key);
    await fault({ status: 404, method: 'DELETE', times: 1 });
    assert.equal((await remove('twice', made.key)).status, 204);
    assert.deepEqual(await keysOf('twice'), []);
  });
});
