import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { Cluster } from './cluster.js';
import { credentialSecret } from './credentials.js';
import { secret } from './pica-stand-in.js';
import { ask, authkitOrigin, nowhere } from './test-backend.js';
import { adminUrl, untilWaiting } from './test-database.js';

suite('a process that is paused', { skip: !adminUrl && 'it takes a real PostgreSQL' }, () => {
  test('loses its transactions to PostgreSQL, and works on when it is resumed', async (t) => {
    const cluster = await Cluster.start({
      size: 2,
      backend: {
        ...{ picaSecret: secret, picaApi: nowhere, authkitOrigin },
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
    const underWay = save(paused);
    await untilWaiting(url, 1);
    paused.pause();
    // What it has waited for is there, and its transaction idles.
    await locker.query('commit');
    const isEnded = async () => {
      const { rows } = await locker.query(
        `select from pg_stat_activity where pid <> pg_backend_pid() and xact_start is not null
          and backend_type = 'client backend'`,
      );
      return rows.length === 0;
    };
    while (!(await isEnded())) await delay(20);
    // Nobody waits for the locks that it had.
    assert.equal((await save(other)).status, 202);

    paused.resume();
    const { status, headers } = await underWay;
    assert.equal(status, 503);
    assert.ok(Number(headers.get('retry-after')) > 0);
    assert.equal((await save(paused)).status, 202);
    assert.deepEqual(cluster.faults, []);
  });
});
