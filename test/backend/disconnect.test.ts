import assert from 'node:assert/strict';
import { after, afterEach, before, suite, test } from 'node:test';
import type { Backend } from '../../demo/app/backend/server.js';
import { startSandbox, type Sandbox } from '../../demo/sandbox/server.js';
import type { VaultRow } from '../../demo/sandbox/vault.js';
import { ask as askSandbox, post } from '../sandbox/requests.js';
import { comparableResponse } from './comparable-response.js';
import { ask, startTestBackend } from './test-backend.js';

const endpoint = '/api/connections';
const pathOf = (key: string) => `${endpoint}/${encodeURIComponent(key)}`;

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

  const addToVault = async (identity: string) =>
    (await post<VaultRow>(sandbox, '/sandbox/vault', { platform: 'gmail', identity })).body;
  const isInVault = async ({ id }: VaultRow) =>
    (await askSandbox(sandbox, `/v1/vault/connections/${id}`)).status === 200;
  const save = (user: string, key: string) =>
    ask(backend, 'POST', endpoint, { user, body: { platform: 'gmail', connection_key: key } });
  const remove = (user: string, key: string) => ask(backend, 'DELETE', pathOf(key), { user });
  const keysOf = async (user: string) => {
    const { json } = await ask(backend, 'GET', endpoint, { user });
    return (json.rows as { connection_key: string }[]).map((row) => row.connection_key);
  };
  const fault = (settings: object) =>
    post(sandbox, '/sandbox/faults', { path: '/v1/vault/connections', ...settings });

  test('deletes the connection at Pica and in the table', async () => {
    const added = await addToVault('ada');
    await save('ada', added.key);
    assert.equal((await remove('ada', added.key)).status, 204);
    assert.equal(await isInVault(added), false);
    assert.deepEqual(await keysOf('ada'), []);
  });

  test('deletes a connection at Pica that was never stored', async () => {
    const added = await addToVault('unstored');
    assert.equal((await remove('unstored', added.key)).status, 204);
    assert.equal(await isInVault(added), false);
  });

  test('deletes a row whose connection is gone at Pica', async () => {
    await save('leftover', 'test::gmail::gone');
    assert.equal((await remove('leftover', 'test::gmail::gone')).status, 204);
    assert.deepEqual(await keysOf('leftover'), []);
  });

  test("deletes nothing of another user, and answers as if the connection didn't exist", async () => {
    const added = await addToVault('owner');
    await save('owner', added.key);
    const foreign = await remove('stranger', added.key);
    const missing = await remove('stranger', 'test::gmail::none');
    assert.equal(foreign.status, 404);
    assert.deepEqual(comparableResponse(foreign), comparableResponse(missing));
    assert.ok(await isInVault(added));
    assert.deepEqual(await keysOf('owner'), [added.key]);
  });

  for (const [what, settings] of Object.entries({
    'is unavailable': { status: 503 },
    'fails to delete': { status: 500, method: 'DELETE' },
    'refuses the secret key': { status: 401 },
  })) {
    test(`keeps the row and answers 502 if Pica ${what}`, async () => {
      const added = await addToVault('patient');
      await save('patient', added.key);
      await fault(settings);
      const { status, json } = await remove('patient', added.key);
      assert.equal(status, 502);
      assert.match(String(json.error), /^pica-/);
      assert.ok((await keysOf('patient')).includes(added.key));
    });
  }

  test("can be repeated after Pica's answer was lost", async () => {
    const added = await addToVault('repeater');
    await save('repeater', added.key);
    await fault({ status: 500, method: 'DELETE', after: true, times: 1 });
    assert.equal((await remove('repeater', added.key)).status, 502);
    assert.equal(await isInVault(added), false);
    assert.equal((await remove('repeater', added.key)).status, 204);
    assert.deepEqual(await keysOf('repeater'), []);
  });

  test('succeeds if Pica answers 404, as it does for the second of two deletions at once', async () => {
    const added = await addToVault('twice');
    await save('twice', added.key);
    await fault({ status: 404, method: 'DELETE', times: 1 });
    assert.equal((await remove('twice', added.key)).status, 204);
    assert.deepEqual(await keysOf('twice'), []);
  });
});
