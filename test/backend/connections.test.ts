import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import type { Backend } from '../../demo/app/backend/server.js';
import { startPica, type PicaStandIn } from './pica-stand-in.js';
import { ask, startTestBackend } from './test-backend.js';

const endpoint = '/api/connections';

let keys = 0;
/** A key like Pica's, with characters that have to be encoded in a URL. */
const newKey = () => `test::exa::default::${++keys}|user-123`;

const connection = (key: string) => ({
  platform: 'exa',
  connection_key: key,
  environment: 'test',
  state: 'operational',
});

suite('stored connections', () => {
  let pica: PicaStandIn;
  let backend: Backend;

  before(async () => {
    pica = await startPica();
    backend = await startTestBackend({ picaApi: pica.origin });
  });
  after(async () => {
    await backend.close();
    await pica.close();
  });

  const rowsOf = async (user: string) =>
    (await ask(backend, 'GET', endpoint, { user })).json.rows as Record<string, unknown>[];
  const post = (user: string, body: unknown) => ask(backend, 'POST', endpoint, { user, body });
  /** Adds a connection to the user's vault and saves it. */
  const save = (user: string, body: Record<string, unknown> & { connection_key: string }) => {
    pica.addToVault(user, body.connection_key);
    return post(user, body);
  };
  const remove = (user: string, key: string) =>
    ask(backend, 'DELETE', `${endpoint}/${encodeURIComponent(key)}`, { user });

  test('are an empty list at first', async () => {
    const { status, json } = await ask(backend, 'GET', endpoint, { user: 'nobody-yet' });
    assert.equal(status, 200);
    assert.deepEqual(json, { rows: [] });
  });

  test('are created with 201 and the row', async () => {
    const key = newKey();
    const { status, json } = await save('creator', { ...connection(key), name: 'My Exa' });
    assert.equal(status, 201);
    const { id, created_at, updated_at, ...rest } = json;
    assert.match(String(id), /^[\da-f-]{36}$/);
    assert.ok(Date.parse(String(created_at)) > 0);
    assert.ok(String(updated_at) >= String(created_at));
    const owner = { user_id: 'creator', identity_type: 'user' };
    // The values come from the vault, not from the page.
    const platform = 'gmail';
    assert.deepEqual(rest, { ...connection(key), ...owner, platform, name: 'My Exa' });
    assert.deepEqual(await rowsOf('creator'), [json]);
  });

  test('are updated if the same connection is saved again', async () => {
    const key = newKey();
    const first = await save('repeater', { ...connection(key), name: 'Mine' });
    const again = await post('repeater', { ...connection(key), state: 'failed', name: 'Ours' });
    assert.equal(again.status, 200);
    assert.equal(again.json.id, first.json.id);
    assert.equal(again.json.created_at, first.json.created_at);
    assert.equal(again.json.state, 'failed');
    assert.equal(again.json.name, 'Ours');
    assert.ok(String(again.json.updated_at) >= String(first.json.updated_at));
    assert.equal((await rowsOf('repeater')).length, 1);
  });

  test('keep the name if a repeated save has none', async () => {
    const key = newKey();
    await save('namer', { ...connection(key), name: 'Mine' });
    const { json } = await post('namer', connection(key));
    assert.equal(json.name, 'Mine');
  });

  test('have one row after many simultaneous saves of the same connection', async () => {
    const key = newKey();
    pica.addToVault('hasty', key);
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => post('hasty', connection(key))),
    );
    const statuses = answers.map(({ status }) => status).sort();
    assert.deepEqual(statuses, [...Array<number>(9).fill(200), 201]);
    assert.equal((await rowsOf('hasty')).length, 1);
  });

  test('are listed newest first', async () => {
    const created = [newKey(), newKey(), newKey()];
    for (const key of created) await save('collector', connection(key));
    const listed = (await rowsOf('collector')).map((row) => row.connection_key);
    assert.deepEqual(listed, created.reverse());
  });

  test('of another user cannot be deleted, and look like missing ones', async () => {
    const key = newKey();
    await save('keeper', connection(key));
    const foreign = await remove('stranger', key);
    const missing = await remove('stranger', newKey());
    assert.equal(foreign.status, 404);
    assert.equal(foreign.text, missing.text);
    assert.equal((await rowsOf('keeper')).length, 1);
  });

  test('are deleted by their encoded key, and a second deletion is 404', async () => {
    const key = newKey();
    await save('leaver', connection(key));
    const first = await remove('leaver', key);
    assert.equal(first.status, 204);
    assert.equal(first.text, '');
    assert.equal((await remove('leaver', key)).status, 404);
    assert.deepEqual(await rowsOf('leaver'), []);
  });

  for (const key of [
    'a/b',
    'a%2Fb',
    '100%',
    'a+b c',
    'ключ::日本|é',
    '?a=b#c',
    "'; drop table x",
  ]) {
    test(`can be saved and deleted with the key ${key}`, async () => {
      assert.equal((await save('odd', connection(key))).status, 201);
      assert.equal((await remove('odd', key)).status, 204);
    });
  }

  test('can be saved by somebody else after the deletion', async () => {
    const key = newKey();
    await save('before', connection(key));
    await remove('before', key);
    assert.equal((await save('afterwards', connection(key))).status, 201);
  });

  test('ignore a user ID in the body', async () => {
    const { json } = await save('honest', { ...connection(newKey()), user_id: 'victim' });
    assert.equal(json.user_id, 'honest');
  });

  for (const method of ['GET', 'POST', 'DELETE']) {
    test(`answer ${method} without a user with 401`, async () => {
      const path = method === 'DELETE' ? `${endpoint}/some-key` : endpoint;
      const body = method === 'POST' ? { body: connection(newKey()) } : {};
      const { status, json } = await ask(backend, method, path, body);
      assert.equal(status, 401);
      assert.equal(json.error, 'user-missing');
    });
  }

  const invalid: [string, Record<string, unknown>][] = [
    ['platform', { platform: undefined }],
    ['platform', { platform: '' }],
    ['platform', { platform: 7 }],
    ['connection_key', { connection_key: undefined }],
    ['connection_key', { connection_key: 'x'.repeat(501) }],
    ['connection_key', { connection_key: 'zero\u0000byte' }],
    ['environment', { environment: 'staging' }],
    ['state', { state: 'fine' }],
    ['name', { name: ['a'] }],
  ];
  for (const [field, change] of invalid) {
    const value = JSON.stringify(change).slice(0, 40);
    test(`are not saved with an invalid ${field}, which the answer names: ${value}`, async () => {
      const { status, json } = await post('sloppy', { ...connection(newKey()), ...change });
      assert.equal(status, 400);
      assert.equal(json.error, 'body-invalid');
      assert.match(String(json.message), new RegExp(`^${field}: `));
      assert.deepEqual(await rowsOf('sloppy'), []);
    });
  }

  test('are not saved with several invalid fields, which the answer names', async () => {
    const { json } = await post('sloppy', { environment: 'staging' });
    assert.match(String(json.message), /platform: .*connection_key: .*environment: /);
  });
});
