import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { sql } from 'kysely';
import { defaultLimits } from '../../demo/app/backend/database/limits.js';
import { openDatabase } from '../../demo/app/backend/database/open.js';
import { transact } from '../../demo/app/backend/database/transaction.js';
import { createLog } from '../../demo/app/backend/log.js';
import { startBackend, type BackendOptions } from '../../demo/app/backend/server.js';
import { startBackendProcess } from './backend-process.js';
import { credentialSecret, headersOf } from './credentials.js';
import { poll } from './hang-guard.js';
import { startPgbouncer, type Pgbouncer } from './pgbouncer.js';
import { secret } from './pica-stand-in.js';
import { ask, authkitOrigin, unreachableOrigin } from './test-backend.js';
import {
  adminUrl,
  connectTo,
  createTestDatabase,
  waitForBlockedStatements,
  type TestDatabase,
} from './test-database.js';

const options = (database: string): BackendOptions => ({
  database,
  picaSecret: secret,
  picaApi: unreachableOrigin,
  authkitOrigin,
  credentialSecrets: [credentialSecret],
  drainMs: 0,
  logLevel: 'silent',
});

const skip = !adminUrl && 'TEST_DATABASE_URL is not set';
const skipReason = 'PgBouncer is not installed';

for (const poolMode of ['session', 'transaction'] as const) {
  suite(`behind PgBouncer in ${poolMode} mode`, { skip }, () => {
    let pooler: Pgbouncer | undefined;
    let server: TestDatabase;

    before(async () => {
      server = await createTestDatabase();
      // In transaction mode, processes share connections. In session mode, each needs as many as its own pool has.
      const settings = { default_pool_size: poolMode === 'transaction' ? 2 : 40 };
      pooler = await startPgbouncer({ postgresUrl: server.location, poolMode, settings });
    });
    after(async () => {
      await pooler?.stop();
      await server.drop();
    });

    test('three processes can start at once, on an empty database and on a used one', async (t) => {
      if (!pooler) {
        t.skip(skipReason);
        return;
      }
      const { url } = pooler;
      for (const key of ['first', 'second']) {
        const backends = await Promise.all(
          [1, 2, 3].map(async () => {
            const backend = await startBackendProcess({ ...options(url), logLevel: 'error' });
            t.after(() => backend.kill());
            return backend;
          }),
        );
        await Promise.all(
          Array.from({ length: 60 }, async (_, index) => {
            const backend = backends[index % 3];
            assert.ok(backend);
            const body = { platform: 'gmail', connection_key: `${key}-${index}` };
            const user = `user-${index}`;
            const { status } = await ask(backend, 'POST', '/api/connections', { user, body });
            assert.equal(status, 202);
          }),
        );
        for (const backend of backends) {
          assert.equal((await ask(backend, 'GET', '/readyz')).status, 200);
          assert.equal(backend.printed(), '');
          await backend.kill();
        }
      }
    });

    test('the statement of a disconnected client is cancelled, and no other', async (t) => {
      if (!pooler) {
        t.skip(skipReason);
        return;
      }
      const backend = await startBackend(options(pooler.url));
      t.after(() => backend.close());
      const locker = await connectTo(server.location);
      t.after(() => locker.end());
      await locker.query('begin; lock table user_connections');
      const list = (user: string, signal?: AbortSignal) =>
        fetch(`${backend.origin}/api/connections`, {
          headers: { ...headersOf(user) },
          ...(signal && { signal }),
        });
      const controller = new AbortController();
      const aborted = list('ada', controller.signal);
      const other = list('grace');
      await waitForBlockedStatements(server.location, 2, aborted, other);
      controller.abort();
      await assert.rejects(aborted, { name: 'AbortError' });
      await waitForBlockedStatements(server.location, 1, other);
      await locker.query('rollback');
      assert.equal((await other).status, 200);
    });
  });
}

suite('behind PgBouncer without a free connection', { skip }, () => {
  test('a disconnected client stops waiting for one', async (t) => {
    const server = await createTestDatabase();
    t.after(() => server.drop());
    const pooler = await startPgbouncer({
      ...{ postgresUrl: server.location, poolMode: 'transaction' },
      settings: { default_pool_size: 1 },
    });
    if (!pooler) {
      t.skip(skipReason);
      return;
    }
    t.after(() => pooler.stop());
    // A long time limit, so that it can't be what ends the wait.
    const limits = { ...defaultLimits, poolSize: 1, statementTimeoutMs: 3_600_000 };
    const opened = await openDatabase(pooler.url, createLog('silent', []), limits);
    t.after(() => opened.close());
    const holder = await connectTo(pooler.url);
    t.after(() => holder.end());
    await holder.query('begin');
    const console = await connectTo(pooler.consoleUrl);
    t.after(() => console.end());
    const isWaiting = async () => {
      const { rows } = await console.query<{ cl_waiting: string }>('show pools');
      return rows.some((row) => Number(row.cl_waiting) > 0);
    };
    const controller = new AbortController();
    const query = (signal?: AbortSignal) =>
      transact(opened.database, (transaction) => sql`select`.execute(transaction), signal);
    const aborted = query(controller.signal);
    await poll('a waiting client', isWaiting, Boolean);
    controller.abort();
    await assert.rejects(aborted, { name: 'AbortError' });
    await holder.end();
    await query();
  });
});

suite('behind PgBouncer in statement mode', { skip }, () => {
  test('the start fails with a message that says what to change', async (t) => {
    const server = await createTestDatabase();
    t.after(() => server.drop());
    const pooler = await startPgbouncer({ postgresUrl: server.location, poolMode: 'statement' });
    if (!pooler) {
      t.skip(skipReason);
      return;
    }
    t.after(() => pooler.stop());
    await assert.rejects(startBackend(options(pooler.url)), {
      name: 'StartError',
      message: /DATABASE_URL: the pooler at .* PgBouncer has to be in session or transaction mode/,
    });
  });
});

suite('behind PgBouncer whose sign-in PostgreSQL refuses', { skip }, () => {
  test('the start fails with PgBouncer’s own message', async (t) => {
    const url = new URL(adminUrl ?? '');
    if (!url.password) {
      t.skip('this server asks for no password');
      return;
    }
    url.password = 'a-wrong-one';
    const pooler = await startPgbouncer({ postgresUrl: url.href, poolMode: 'transaction' });
    if (!pooler) {
      t.skip(skipReason);
      return;
    }
    t.after(() => pooler.stop());
    await assert.rejects(startBackend(options(pooler.url)), {
      name: 'StartError',
      message: /DATABASE_URL: the pooler at .* cannot use PostgreSQL.* It says: password auth/,
    });
  });
});
