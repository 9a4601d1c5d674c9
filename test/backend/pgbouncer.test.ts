import assert from 'node:assert/strict';
import { test } from 'node:test';
import pg from 'pg';
import { startPgbouncer } from './pgbouncer.js';
import { startPostgres } from './postgres.js';
import { connectTo } from './test-database.js';

const query = async (connectionString: string): Promise<unknown> => {
  const client = await connectTo(connectionString);
  try {
    return (await client.query('select 1 as answer')).rows;
  } finally {
    await client.end();
  }
};

test('a temporary PgBouncer forwards statements, can be killed and restarted, and is gone after stop()', async (t) => {
  const postgres = await startPostgres();
  t.after(() => postgres?.stop());
  const pooler =
    postgres && (await startPgbouncer({ postgresUrl: postgres.url, poolMode: 'transaction' }));
  if (!pooler) {
    t.skip('PostgreSQL or PgBouncer is not installed');
    return;
  }
  t.after(() => pooler.stop());
  assert.deepEqual(await query(pooler.url), [{ answer: 1 }]);
  // PostgreSQL itself accepts this parameter, so the error proves that PgBouncer answers.
  await assert.rejects(
    new pg.Client({ connectionString: pooler.url, statement_timeout: 1000 }).connect(),
    /unsupported startup parameter/,
  );

  await pooler.kill();
  await assert.rejects(query(pooler.url), { code: 'ECONNREFUSED' });
  await pooler.start();
  assert.deepEqual(await query(pooler.url), [{ answer: 1 }]);

  await pooler.restart();
  assert.deepEqual(await query(pooler.url), [{ answer: 1 }]);

  await pooler.stop();
  await assert.rejects(query(pooler.url), { code: 'ECONNREFUSED' });
});

test('a temporary PgBouncer refuses transactions in statement mode', async (t) => {
  const postgres = await startPostgres();
  t.after(() => postgres?.stop());
  const pooler =
    postgres && (await startPgbouncer({ postgresUrl: postgres.url, poolMode: 'statement' }));
  if (!pooler) {
    t.skip('PostgreSQL or PgBouncer is not installed');
    return;
  }
  t.after(() => pooler.stop());
  const client = await connectTo(pooler.url);
  await assert.rejects(client.query('begin'), { code: '08P01' });
  await client.end();
});
