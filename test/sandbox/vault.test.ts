import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, after, before, test } from 'node:test';
import { startSandbox, type Sandbox } from '../../demo/sandbox/server.js';
import type { VaultRow } from '../../demo/sandbox/vault.js';
import { ask, post } from './requests.js';

let sandbox: Sandbox;
before(async () => {
  sandbox = await startSandbox();
});
afterEach(() => ask(sandbox, '/sandbox/vault', { method: 'DELETE' }));
after(() => sandbox.close());

const put = async (row: object) => (await post<VaultRow>(sandbox, '/sandbox/vault', row)).body;

const list = async (query = '') =>
  (
    await ask<{ rows: VaultRow[]; total: number; pages: number }>(
      sandbox,
      `/v1/vault/connections${query}`,
    )
  ).body;

const platformsOf = (rows: VaultRow[]) => rows.map(({ platform }) => platform);

const seed = async () => {
  await put({ platform: 'gmail', identity: 'ada', createdAt: '2026-01-01T00:00:00Z' });
  await put({ platform: 'slack', identity: 'ada', createdAt: '2026-01-02T00:00:00Z' });
  await put({
    platform: 'notion',
    identity: 'ada',
    identityType: 'team',
    createdAt: '2026-01-03T00:00:00Z',
  });
  await put({ platform: 'gmail', identity: 'bob', createdAt: '2026-01-04T00:00:00Z' });
};

test('an empty vault lists nothing', async () => {
  assert.deepEqual(await list(), { rows: [], page: 1, pages: 0, total: 0 });
});

test('connections are listed newest first', async () => {
  await seed();
  assert.deepEqual(platformsOf((await list()).rows), ['gmail', 'notion', 'slack', 'gmail']);
});

test('connections can be filtered by identity', async () => {
  await seed();
  assert.deepEqual(platformsOf((await list('?identity=ada')).rows), ['notion', 'slack', 'gmail']);
});

test('connections can be filtered by identity type', async () => {
  await seed();
  assert.deepEqual(platformsOf((await list('?identity=ada&identityType=team')).rows), ['notion']);
});

test('connections can be filtered by platform', async () => {
  await seed();
  assert.deepEqual(
    (await list('?platform=gmail')).rows.map(({ identity }) => identity),
    ['bob', 'ada'],
  );
});

test('connections are listed in pages', async () => {
  await seed();
  const { rows, pages, total } = await list('?limit=3&page=2');
  assert.equal(rows.length, 1);
  assert.deepEqual({ pages, total }, { pages: 2, total: 4 });
});

test('a row has the fields of the Vault API', async () => {
  const row = await put({ platform: 'gmail', identity: 'ada' });
  const { body } = await ask<VaultRow>(sandbox, `/v1/vault/connections/${row.id}`);
  assert.deepEqual(body, {
    id: row.id,
    key: row.key,
    platform: 'gmail',
    environment: 'test',
    identity: 'ada',
    identityType: 'user',
    state: 'operational',
    name: 'Gmail',
    description: 'Mail, drafts and labels in Gmail.',
    tags: [],
    active: true,
    version: '1.0.0',
    createdAt: row.createdAt,
    updatedAt: row.createdAt,
  });
  assert.equal(new Date(body.createdAt).toISOString(), body.createdAt);
});

test('a key names environment, platform and identity', async () => {
  const { key } = await put({ platform: 'exa', identity: 'user-123' });
  assert.match(key, /^test::exa::default::[0-9a-f]{32}\|user-123$/);
});

test('the key of a connection without an owner ends with its random part', async () => {
  const { key } = await put({ platform: 'gmail' });
  assert.match(key, /^test::gmail::default::[0-9a-f]{32}$/);
});

test('a connection’s tags can be changed', async () => {
  const { id } = await put({ platform: 'gmail' });
  await ask(sandbox, `/v1/vault/connections/${id}`, { method: 'PATCH', body: { tags: ['work'] } });
  const { body } = await ask(sandbox, `/v1/vault/connections/${id}`);
  assert.deepEqual(body.tags, ['work']);
});

test('a patch without tags is refused', async () => {
  const { id } = await put({ platform: 'gmail' });
  const { status, body } = await ask(sandbox, `/v1/vault/connections/${id}`, {
    method: 'PATCH',
    body: { state: 'failed' },
  });
  assert.equal(status, 400);
  assert.match(String(body.message), /tags/);
});

test('a deleted connection is gone', async () => {
  const { id } = await put({ platform: 'gmail' });
  assert.equal(
    (await ask(sandbox, `/v1/vault/connections/${id}`, { method: 'DELETE' })).status,
    200,
  );
  assert.equal((await ask(sandbox, `/v1/vault/connections/${id}`)).status, 404);
});

for (const method of ['GET', 'DELETE', 'PATCH']) {
  test(`${method} of an unknown id is not found`, async () => {
    const { status, body } = await ask(sandbox, '/v1/vault/connections/nobody', {
      method,
      ...(method === 'PATCH' && { body: { tags: [] } }),
    });
    assert.equal(status, 404);
    assert.equal(body.type, 'NotFound');
  });
}

test('a connection cannot be addressed by its key', async () => {
  const { key } = await put({ platform: 'gmail' });
  const { status } = await ask(sandbox, `/v1/vault/connections/${encodeURIComponent(key)}`);
  assert.equal(status, 404);
});

test('adding a key again replaces the connection and keeps its id', async () => {
  const first = await put({ platform: 'gmail', key: 'test::gmail::mine', identity: 'ada' });
  const second = await put({
    platform: 'gmail',
    key: 'test::gmail::mine',
    identity: 'ada',
    state: 'degraded',
  });
  assert.equal(second.id, first.id);
  assert.deepEqual((await list()).rows, [second]);
});

test('a vault with a file survives a restart', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'pica-connect-vault-'));
  const vaultFile = join(folder, 'new-folder', 'vault.json');
  const first = await startSandbox({ vaultFile });
  const { body: gmail } = await post<VaultRow>(first, '/sandbox/vault', { platform: 'gmail' });
  const { body: slack } = await post<VaultRow>(first, '/sandbox/vault', { platform: 'slack' });
  await ask(first, `/v1/vault/connections/${slack.id}`, { method: 'DELETE' });
  await first.close();
  const second = await startSandbox({ vaultFile });
  const { body } = await ask<{ rows: VaultRow[] }>(second, '/v1/vault/connections');
  await second.close();
  await rm(folder, { recursive: true });
  assert.deepEqual(body.rows, [gmail]);
});
