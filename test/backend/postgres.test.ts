import assert from 'node:assert/strict';
import { once } from 'node:events';
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

test('a temporary PostgreSQL comes back at the same URL, with its data, after a restart or a kill', async (t) => {
  const postgres = await startPostgres();
  if (!postgres) {
    t.skip('PostgreSQL is not installed');
    return;
  }
  t.after(() => postgres.stop());
  const query = async (statement: string): Promise<unknown[]> => {
    const client = new pg.Client({ connectionString: postgres.url });
    await client.connect();
    try {
      return (await client.query(statement)).rows as unknown[];
    } finally {
      await client.end();
    }
  };
  await query('create table kept as select 1 as answer');
  const idle = new pg.Client({ connectionString: postgres.url });
  // There are two errors: the server's message, and the end of the connection.
  idle.on('error', () => undefined);
  await idle.connect();
  const ended = once(idle, 'error');
  await postgres.restart();
  // A restart ends the connections of clients, as in production.
  await ended;
  assert.deepEqual(await query('select * from kept'), [{ answer: 1 }]);

  await postgres.kill();
  await assert.rejects(query('select 1'), { code: 'ECONNREFUSED' });
  await postgres.start();
  assert.deepEqual(await query('select * from kept'), [{ answer: 1 }]);
});
