import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { sql } from 'kysely';
import { removeExpired } from '../../demo/app/backend/database/remove-expired.js';
import { openDatabase } from '../../demo/app/backend/database/open.js';
import { transact } from '../../demo/app/backend/database/transaction.js';
import { createLog } from '../../demo/app/backend/log.js';
import { adminUrl, connectTo, createTestDatabase } from './test-database.js';

suite('removing old records of deletions', () => {
  test(
    'finds them by an index, without reading the records of today',
    { skip: !adminUrl && 'the embedded database has no statistics' },
    async (context) => {
      const { location, drop } = await createTestDatabase();
      context.after(drop);
      const opened = await openDatabase(location, createLog('silent', []));
      const client = await connectTo(location);
      await client.query(`
        insert into deleted_connections (user_id, connection_key, deleted_at)
        select 'user-' || number % 1000, 'key-' || number,
          now() - interval '1 second' * case when number <= 10 then 200000 else number end
        from generate_series(1, 50000) as number`);
      await client.query('analyze');
      await removeExpired(opened.database);
      // A connection reports its statistics when it ends.
      await opened.close();
      const statistics = await client.query(`
        select seq_tup_read::int as read_in_sequence
        from pg_stat_user_tables where relname = 'deleted_connections'`);
      const rows = await client.query('select count(*)::int as left_over from deleted_connections');
      await client.end();
      // The statistics of the index prove nothing, because PostgreSQL also reads it while it plans.
      assert.deepEqual(statistics.rows, [{ read_in_sequence: 0 }]);
      assert.deepEqual(rows.rows, [{ left_over: 49_990 }]);
    },
  );
});

suite('removing repairs that nobody needs', () => {
  test('deletes no more rows at once than its time limit allows, and the rest the next time', async (context) => {
    const { location, drop } = await createTestDatabase();
    context.after(drop);
    const opened = await openDatabase(location, createLog('silent', []));
    await transact(opened.database, (transaction) =>
      sql`
        insert into repairs (user_id)
        select number::text from generate_series(1, 10001) as number`.execute(transaction),
    );
    const remainingCounts = [];
    for (let runs = 0; runs < 2; runs++) {
      await removeExpired(opened.database);
      remainingCounts.push(
        (await opened.database.selectFrom('repairs').select('user_id').execute()).length,
      );
    }
    await opened.close();
    assert.deepEqual(remainingCounts, [1, 0]);
  });
});
