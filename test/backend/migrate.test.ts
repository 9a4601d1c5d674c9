import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, afterEach, before, beforeEach, suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type pg from 'pg';
import { migratorOf } from '../../demo/app/backend/database/migrate.js';
import { migrateServer } from '../../demo/app/backend/database/open-server.js';
import { openDatabase } from '../../demo/app/backend/database/open.js';
import { createLog } from '../../demo/app/backend/log.js';
import { startBackend, type BackendOptions } from '../../demo/app/backend/server.js';
import { startBackendProcess } from './backend-process.js';
import { credentialSecret } from './credentials.js';
import { secret } from './pica-stand-in.js';
import { ask, authkitOrigin, unreachableOrigin } from './test-backend.js';
import {
  administrate,
  adminUrl,
  connectTo,
  createTestDatabase,
  waitForBlockedStatements,
  type TestDatabase,
} from './test-database.js';

const silent = createLog('silent', []);

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

suite('migrating a server', { skip }, () => {
  let server: TestDatabase;
  /** Another client of the same database. */
  let other: pg.Client;

  beforeEach(async () => {
    server = await createTestDatabase();
    other = await connectTo(server.location);
  });
  afterEach(async () => {
    await other.end();
    await server.drop();
  });

  /** Creates the tables of an earlier release. */
  const migrateTo = async (name: string) => {
    const opened = await openDatabase(server.location, silent);
    const { error } = await migratorOf(opened.database).migrateTo(name);
    await opened.close();
    assert.ifError(error);
  };
  const appliedMigrations = async () => {
    const { rows } = await other.query<{ name: string }>(
      'select name from kysely_migration order by name',
    );
    return rows.map(({ name }) => name);
  };
  const startAndClose = async () => {
    const backend = await startBackend(options(server.location));
    const { status } = await ask(backend, 'GET', '/api/connections', { user: 'ada' });
    await backend.close();
    return status;
  };

  test('locks and writes nothing if the tables are up to date', async () => {
    await startAndClose();
    const { rows: before } = await other.query('select pg_current_wal_lsn() as position');
    await migrateServer(server.location, silent);
    const { rows: afterwards } = await other.query('select pg_current_wal_lsn() as position');
    assert.deepEqual(afterwards, before);
    await other.query(`
      begin;
      lock table kysely_migration_lock in access exclusive mode;
      lock table user_connections, repairs in exclusive mode`);
    assert.equal(await startAndClose(), 200);
    await other.query('rollback');
  });

  test('does nothing if a newer release has already migrated', async () => {
    await startAndClose();
    await other.query("insert into kysely_migration values ('999-of-a-newer-release', now())");
    assert.equal(await startAndClose(), 200);
  });

  test('takes no advisory lock, and does not wait for one', async () => {
    // Kysely's own advisory lock. Behind a pooler, a process of an earlier release can leave it held.
    await other.query('select pg_advisory_lock(3853314791062309107)');
    await migrateServer(server.location, silent);
    assert.equal((await appliedMigrations()).at(-1), '004-deletions');
  });

  test('logs that it waits for locked tables, and gives up in the end', async () => {
    await migrateTo('003-confirmation');
    await other.query('begin; lock table user_connections');
    const lines: string[] = [];
    const log = createLog('warn', [], (line) => lines.push(line));
    await assert.rejects(migrateServer(server.location, log, 'DATABASE_URL', 1), {
      name: 'StartError',
      message: /needs a migration.*kept its tables locked.*pg_stat_activity.*npm run migrate/s,
    });
    assert.match(lines.join(''), /"level":"warn".*waiting to migrate/);
    await other.query('rollback');
    await migrateServer(server.location, silent);
    assert.equal((await appliedMigrations()).at(-1), '004-deletions');
  });

  test('is done by one of several processes, while the others wait', async (t) => {
    await migrateTo('001-user-connections');
    await other.query(
      "begin; select from kysely_migration_lock where id = 'migration_lock' for update",
    );
    const backends = Array.from({ length: 3 }, async () => {
      const backend = await startBackendProcess(options(server.location));
      t.after(() => backend.kill());
      return backend;
    });
    await waitForBlockedStatements(server.location, 3, ...backends);
    await other.query('rollback');
    for (const backend of await Promise.all(backends)) {
      assert.equal((await ask(backend, 'GET', '/readyz')).status, 200);
      await backend.kill();
    }
    assert.equal((await appliedMigrations()).length, 4);
  });

  test('continues if the process that started it dies', async () => {
    await migrateTo('002-repairs');
    const dead = await connectTo(server.location);
    await dead.query(
      "begin; select from kysely_migration_lock where id = 'migration_lock' for update",
    );
    const migration = migrateServer(server.location, silent);
    await other.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where datname = current_database() and state = 'idle in transaction'`,
    );
    await migration;
    assert.equal((await appliedMigrations()).length, 4);
  });
});

suite('npm run migrate', { skip }, () => {
  let server: TestDatabase;
  before(async () => {
    server = await createTestDatabase();
  });
  after(() => server.drop());

  const run = (environment: Record<string, string>) =>
    new Promise<{ code: number; printed: string }>((resolve) => {
      const script = fileURLToPath(new URL('../../demo/app/migrate.ts', import.meta.url));
      const child = execFile(
        process.execPath,
        ['--import', 'tsx', script],
        { env: { ...process.env, DATABASE_URL: '', MIGRATION_DATABASE_URL: '', ...environment } },
        (_error, stdout, stderr) =>
          resolve({ code: child.exitCode ?? -1, printed: stdout + stderr }),
      );
    });

  test('migrates with its own URL, so that the backend’s user needs no right to change tables', async () => {
    const { code, printed } = await run({
      DATABASE_URL: 'postgres://nobody@127.0.0.1:1/nothing',
      MIGRATION_DATABASE_URL: server.location,
    });
    assert.equal(code, 0, printed);
    assert.match(printed, /"applied":\["001-.*"004-deletions"\].*"migrated"/);
    assert.match(printed, /up to date/);
    assert.match(
      (await run({ DATABASE_URL: server.location })).printed,
      /^The tables are up to date/,
    );

    const user = `pica_connect_migrated_${process.pid}`;
    await administrate(`create role ${user} login password 'short-lived'`);
    await administrate(
      `grant select, insert, update, delete on all tables in schema public to ${user}`,
      server.location,
    );
    const url = new URL(server.location);
    url.username = user;
    url.password = 'short-lived';
    const backend = await startBackend(options(url.href));
    assert.equal((await ask(backend, 'GET', '/readyz')).status, 200);
    await backend.close();
    await administrate(`drop owned by ${user}`, server.location);
    await administrate(`drop role ${user}`);
  });

  test('names the variable to change if its URL is wrong or missing', async () => {
    const unreachable = await run({
      MIGRATION_DATABASE_URL: 'postgres://me:hidden@127.0.0.1:1/db',
    });
    assert.equal(unreachable.code, 1);
    assert.match(unreachable.printed, /^MIGRATION_DATABASE_URL: nothing answers/);
    assert.doesNotMatch(unreachable.printed, /hidden/);
    const unset = await run({});
    assert.equal(unset.code, 1);
    assert.match(unset.printed, /^Set MIGRATION_DATABASE_URL or DATABASE_URL/);
  });
});
