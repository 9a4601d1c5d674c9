import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import pg from 'pg';
import { Cluster } from './cluster.js';
import { credentialSecret } from './credentials.js';
import { poll } from './hang-guard.js';
import { secret } from './pica-stand-in.js';
import { ask, authkitOrigin, unreachableOrigin } from './test-backend.js';
import { adminUrl, waitForBlockedStatements } from './test-database.js';

suite('a paused process', { skip: !adminUrl && 'TEST_DATABASE_URL is not set' }, () => {
  test('loses its open transaction after PostgreSQL’s time limit, and works again when it is resumed', async (t) => {
    const cluster = await Cluster.start({
      size: 2,
      backend: {
        ...{ picaSecret: secret, picaApi: unreachableOrigin, authkitOrigin },
        credentialSecrets: [credentialSecret],
        databaseLimits: { idleInTransactionTimeoutMs: 200 },
      },
    });
    if (!cluster) {
      t.skip('PgBouncer is not installed');
      return;
    }
    const { url } = cluster.postgres;
    const locker = new pg.Client({ connectionString: url });
    t.after(async () => {
      await locker.end();
      await cluster.close();
    });
    await locker.connect();
    const [paused, other] = cluster.processes;
    assert.ok(paused && other);
    const save = (backend: typeof paused) =>
      ask(backend, 'POST', '/api/connections', {
        user: 'ada',
        body: { platform: 'gmail', connection_key: 'a' },
      });

    await locker.query('begin; lock table unconfirmed_connections');
    const pending = save(paused);
    await waitForBlockedStatements(url, 1, pending);
    paused.pause();
    // It gets the lock now, but is paused, so its transaction idles.
    await locker.query('commit');
    const isTransactionEnded = async () => {
      const { rows } = await locker.query(
        `select from pg_stat_activity where pid <> pg_backend_pid() and xact_start is not null
          and backend_type = 'client backend'`,
      );
      return rows.length === 0;
    };
    await poll('the end of the transaction', isTransactionEnded, Boolean);
    // The locks of the transaction are free again.
    assert.equal((await save(other)).status, 202);

    paused.resume();
    const { status, headers } = await pending;
    assert.equal(status, 503);
    assert.ok(Number(headers.get('retry-after')) > 0);
    assert.equal((await save(paused)).status, 202);
    assert.deepEqual(cluster.faults, []);
  });
});
