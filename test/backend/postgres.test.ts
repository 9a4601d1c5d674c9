import assert from 'node:assert/strict';
import { test } from 'node:test';
import pg from 'pg';
import { startPostgres } from './postgres.js';

test('a temporary PostgreSQL starts, asks for its password, and is gone after stop()', async (t) => {
  const postgres = await startPostgres();
  if (!postgres) {
    t.skip('PostgreSQL is not installed');
    return;
  }
  try {
    const client = new pg.Client({ connectionString: postgres.url });
    await client.connect();
    const { rows } = await client.query<{ answer: number }>('select 1 as answer');
    await client.end();
    assert.deepEqual(rows, [{ answer: 1 }]);

    const wrong = new URL(postgres.url);
    wrong.password = 'wrong';
    await assert.rejects(new pg.Client({ connectionString: wrong.href }).connect(), {
      code: '28P01',
    });
  } finally {
    await postgres.stop();
  }
  await assert.rejects(new pg.Client({ connectionString: postgres.url }).connect(), {
    code: 'ECONNREFUSED',
  });
});
