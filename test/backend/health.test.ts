import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { startBackend, type Backend } from '../../demo/app/backend/server.js';
import { credentialSecret } from './credentials.js';
import { secret } from './pica-stand-in.js';
import {
  ask,
  authkitOrigin,
  unreachableOrigin,
  startTestBackend,
  waitForReadiness,
} from './test-backend.js';
import { administrate, adminUrl, createTestDatabase } from './test-database.js';

const options = {
  database: 'memory://',
  picaSecret: secret,
  picaApi: unreachableOrigin,
  authkitOrigin,
  credentialSecrets: [credentialSecret],
  drainMs: 0,
};

suite('health', () => {
  let backend: Backend;
  before(async () => {
    backend = await startTestBackend();
  });
  after(() => backend.close());

  for (const path of ['/healthz', '/readyz']) {
    test(`is reported at ${path}`, async () => {
      const { status, json, headers } = await ask(backend, 'GET', path);
      assert.equal(status, 200);
      assert.deepEqual(json, { status: 'ok' });
      assert.equal(headers.get('cache-control'), 'no-store');
    });
  }

  test(
    'is ok, but readiness is not, without tables or without a database',
    { skip: !adminUrl && 'the embedded database cannot be reached from outside' },
    async (t) => {
      const { location, drop } = await createTestDatabase();
      const other = await startBackend({ ...options, database: location, logLevel: 'silent' });
      t.after(() => other.close());
      await waitForReadiness(other, 'ok');
      await administrate("delete from kysely_migration where name = '002-repairs'", location);
      await waitForReadiness(other, 'database-not-migrated');
      await drop();
      await waitForReadiness(other, 'database-unavailable');
      assert.equal((await ask(other, 'GET', '/healthz')).status, 200);
    },
  );

  test('is ok, but readiness is not, while the backend drains and still serves', async () => {
    const draining = await startBackend({ ...options, logLevel: 'silent', drainMs: 1000 });
    const closed = draining.close();
    assert.equal((await ask(draining, 'GET', '/readyz')).status, 503);
    assert.equal((await ask(draining, 'GET', '/healthz')).status, 200);
    assert.equal((await ask(draining, 'GET', '/api/connections', { user: 'ada' })).status, 200);
    await closed;
  });
});
