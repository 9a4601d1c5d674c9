import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { sql } from 'kysely';
import type pg from 'pg';
import { openDatabase, type OpenDatabase } from '../../demo/app/backend/database/open.js';
import { transact } from '../../demo/app/backend/database/transaction.js';
import { createLog } from '../../demo/app/backend/log.js';
import { poll } from './hang-guard.js';
import { adminUrl, connectTo, createTestDatabase, type TestDatabase } from './test-database.js';

const log = createLog('silent', []);

/** The default size of the pool. */
const poolSize = 10;

suite(
  'a transaction',
  { skip: !adminUrl && 'the embedded database cannot be reached from outside' },
  () => {
    let server: TestDatabase;
    let opened: OpenDatabase;
    let watcher: pg.Client;

    before(async () => {
      server = await createTestDatabase();
      opened = await openDatabase(server.location, log);
      watcher = await connectTo(server.location);
    });
    after(async () => {
      await watcher.end();
      await opened.close();
      await server.drop();
    });

    const countRunning = async (): Promise<number> => {
      const { rows } = await watcher.query<{ count: number }>(
        `select count(*)::int as count from pg_stat_activity
         where datname = current_database() and pid <> pg_backend_pid() and state <> 'idle'`,
      );
      return rows[0]?.count ?? -1;
    };
    const waitUntilRunning = async (expected: number) => {
      await poll(`${expected} running`, countRunning, (count) => count === expected);
    };
    const sleep = (signal?: AbortSignal) =>
      transact(
        opened.database,
        (transaction) => sql`select pg_sleep(60)`.execute(transaction),
        signal,
      );
    const answer = (signal?: AbortSignal) =>
      transact(
        opened.database,
        async (transaction) =>
          (await sql<{ answer: number }>`select 42 as answer`.execute(transaction)).rows[0]?.answer,
        signal,
      );

    test('sets its own time limits, and leaves none behind', async () => {
      const setting = (name: string) => sql<string>`current_setting(${name})`;
      const limits = await transact(opened.database, (transaction) =>
        transaction
          .selectNoFrom([
            setting('statement_timeout').as('statement'),
            setting('lock_timeout').as('lock'),
            setting('idle_in_transaction_session_timeout').as('idle'),
            setting('transaction_isolation').as('isolation'),
          ])
          .executeTakeFirst(),
      );
      assert.deepEqual(limits, {
        ...{ statement: '10s', lock: '5s', idle: '10s' },
        isolation: 'read committed',
      });
      const { rows } = await opened.database
        .connection()
        .execute((connection) =>
          sql<{ limit: string }>`select current_setting('statement_timeout') as limit`.execute(
            connection,
          ),
        );
      assert.deepEqual(rows, [{ limit: '0' }]);
    });

    test('is cancelled in PostgreSQL when it is aborted, and its connection still works', async () => {
      const controller = new AbortController();
      const sleeping = Array.from({ length: poolSize }, () => sleep(controller.signal));
      await waitUntilRunning(poolSize);
      controller.abort();
      for (const result of await Promise.allSettled(sleeping)) {
        assert.equal(result.status === 'rejected' && (result.reason as Error).name, 'AbortError');
      }
      assert.equal(await countRunning(), 0);
      const answers = await Promise.all(Array.from({ length: poolSize * 3 }, () => answer()));
      assert.deepEqual(new Set(answers), new Set([42]));
    });

    test('stops waiting for a connection when it is aborted, and never takes one', async () => {
      const sleepers = new AbortController();
      const sleeping = Array.from({ length: poolSize }, () => sleep(sleepers.signal));
      const controller = new AbortController();
      await waitUntilRunning(poolSize);
      const pending = answer(controller.signal);
      controller.abort();
      await assert.rejects(pending, { name: 'AbortError' });
      assert.equal(await countRunning(), poolSize);
      sleepers.abort();
      await Promise.allSettled(sleeping);
      assert.equal(await answer(), 42);
      await waitUntilRunning(0);
    });

    test('runs nothing if it was aborted before it started', async () => {
      await assert.rejects(answer(AbortSignal.abort()), { name: 'AbortError' });
      assert.equal(await answer(), 42);
    });

    test('with a statement that fails leaves a working connection', async () => {
      await assert.rejects(
        transact(opened.database, (transaction) => sql`select 1 / 0`.execute(transaction)),
        { code: '22012' },
      );
      await waitUntilRunning(0);
      assert.equal(await answer(), 42);
    });

    test('that idles for too long is ended by PostgreSQL, and does not end this process', async () => {
      const paused = transact(opened.database, async (transaction) => {
        await sql`set local idle_in_transaction_session_timeout = 50`.execute(transaction);
        await waitUntilRunning(0);
        await sql`select 1`.execute(transaction);
      });
      await assert.rejects(paused, { name: 'Problem', code: 'database-unavailable' });
      assert.equal(await answer(), 42);
    });

    test('fails with 503 and a Retry-After if a row stays locked', async () => {
      await watcher.query("insert into repairs (user_id) values ('ada')");
      await watcher.query("begin; select from repairs where user_id = 'ada' for update");
      const locking = transact(opened.database, async (transaction) => {
        await sql`set local lock_timeout = 100`.execute(transaction);
        await sql`select from repairs where user_id = 'ada' for update`.execute(transaction);
      });
      await assert.rejects(locking, {
        ...{ name: 'Problem', code: 'database-locked', status: 503, retryAfterSeconds: 5 },
      });
      await watcher.query('rollback');
      assert.equal(await answer(), 42);
    });
  },
);
