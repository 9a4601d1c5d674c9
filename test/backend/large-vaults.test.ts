import assert from 'node:assert/strict';
import { after, afterEach, before, suite, test } from 'node:test';
import type { Backend } from '../../demo/app/backend/server.js';
import { startPica, vaultRow, type PicaStandIn } from './pica-stand-in.js';
import { openFixtureDatabase, RepairFixture, type FixtureDatabase } from './repair-fixture.js';
import { ask, startTestBackend } from './test-backend.js';

const endpoint = '/api/connections';
const vaultPath = '/v1/vault/connections';
const pathOf = (key: string) => `${endpoint}/${encodeURIComponent(key)}`;

/** 24 pages of a hundred. */
const keys = Array.from({ length: 2400 }, (_, index) => `test::gmail::${index}`);
const lastKey = 'test::gmail::2399';

suite('a vault of 24 pages', () => {
  let pica: PicaStandIn;
  let backend: Backend;

  before(async () => {
    pica = await startPica();
    backend = await startTestBackend({ picaApi: pica.origin, confirmTimeoutMs: 0 });
  });
  afterEach(() => pica.reset());
  after(async () => {
    await backend.close();
    await pica.close();
  });

  const save = (key: string) => {
    const body = { platform: 'gmail', connection_key: key, environment: 'test' };
    return ask(backend, 'POST', endpoint, { user: 'ada', body });
  };
  const remove = (key: string) => ask(backend, 'DELETE', pathOf(key), { user: 'ada' });
  const pagesRead = () =>
    pica.received.filter(({ path }) => path === vaultPath).map(({ query }) => query.page);

  test('confirms a connection on its last page', async () => {
    pica.addToVault('ada', ...keys);
    assert.equal((await save(lastKey)).status, 201);
  });

  test('disconnects a connection on its last page', async () => {
    pica.addToVault('ada', ...keys);
    assert.equal((await remove(lastKey)).status, 204);
    assert.ok(pica.received.some(({ method }) => method === 'DELETE'));
    assert.equal((await remove(lastKey)).status, 404);
  });

  test('is read only up to the page that has the key', async () => {
    pica.addToVault('ada', ...keys);
    assert.equal((await remove('test::gmail::150')).status, 204);
    assert.deepEqual(pagesRead(), ['1', '2']);
  });

  test('answers 404 for an unknown key', async () => {
    pica.addToVault('ada', ...keys);
    assert.equal((await remove('test::gmail::none')).status, 404);
    assert.equal(pagesRead().length, 24);
  });
});

suite('a vault with a nonsense count of pages', () => {
  let pica: PicaStandIn;
  let backend: Backend;

  before(async () => {
    pica = await startPica();
    backend = await startTestBackend({ picaApi: pica.origin });
    pica.answers.set(vaultPath, ({ query }) => {
      const rows = query.page === '1' ? [vaultRow('ada', 'only')] : [];
      return Response.json({ rows, total: 1, pages: 1_000_000_000, page: Number(query.page) });
    });
  });
  after(async () => {
    await backend.close();
    await pica.close();
  });

  test('is not read forever, and unlisted connections stay unknown', async () => {
    const { status, headers } = await ask(backend, 'DELETE', pathOf('other'), { user: 'ada' });
    assert.equal(status, 502);
    assert.equal(headers.get('retry-after'), '5');
    assert.equal(pica.received.length, 2);
  });
});

suite('a repair of a vault of 120 pages', () => {
  // More rows than fit into one statement.
  const many = Array.from({ length: 12_000 }, (_, index) => `test::gmail::${index}`);
  let pica: PicaStandIn;
  let database: FixtureDatabase;
  let fixture: RepairFixture;

  before(async () => {
    pica = await startPica();
    database = await openFixtureDatabase();
    fixture = RepairFixture.create(database, pica.origin);
  });
  after(async () => {
    await fixture.dispose();
    await database.close();
    await pica.close();
  });

  test('reaches its last page', async () => {
    pica.addToVault('ada', ...many);
    const rows = await fixture.rowsAfterRepair('ada');
    assert.deepEqual(rows.map((row) => row.connection_key).sort(), [...many].sort());
  });

  test('marks connections that are on none of them', async () => {
    await fixture.insertRow('ada', 'test::gmail::gone');
    await fixture.ageRows();
    const missing = (await fixture.rowsAfterRepair('ada')).filter((row) => row.missing_since);
    assert.deepEqual(
      missing.map((row) => row.connection_key),
      ['test::gmail::gone'],
    );
  });
});
