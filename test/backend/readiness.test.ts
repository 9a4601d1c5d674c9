import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, suite, test, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import { startBackend, type Backend, type BackendOptions } from '../../demo/app/backend/server.js';
import { credentialSecret } from './credentials.js';
import { findAccount } from './daemon.js';
import { secret } from './pica-stand-in.js';
import { startPostgres } from './postgres.js';
import { ask, authkitOrigin, unreachableOrigin, waitForReadiness } from './test-backend.js';
import {
  administrate,
  adminUrl,
  connectTo,
  createTestDatabase,
  waitForBlockedStatements,
  type TestDatabase,
} from './test-database.js';

const run = promisify(execFile);

const options = (database: string): BackendOptions => ({
  database,
  picaSecret: secret,
  picaApi: unreachableOrigin,
  authkitOrigin,
  credentialSecrets: [credentialSecret],
  drainMs: 0,
  logLevel: 'silent',
});

suite('readiness', { skip: !adminUrl && 'TEST_DATABASE_URL is not set' }, () => {
  let server: TestDatabase;
  let backend: Backend;

  beforeEach(async () => {
    server = await createTestDatabase();
    backend = await startBackend(options(server.location));
    await waitForReadiness(backend, 'ok');
  });
  afterEach(async () => {
    await backend.close();
    await server.drop();
  });

  const query = async <Row extends object>(statement: string): Promise<Row[]> => {
    const client = await connectTo(server.location);
    try {
      return (await client.query<Row>(statement)).rows;
    } finally {
      await client.end();
    }
  };

  test('is lost while the database is read-only', async () => {
    const name = new URL(server.location).pathname.slice(1);
    await administrate(`alter database ${name} set default_transaction_read_only = on`);
    await administrate(
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`,
    );
    await waitForReadiness(backend, 'database-read-only');
    await administrate(`alter database ${name} reset default_transaction_read_only`);
    await waitForReadiness(backend, 'ok');
  });

  test('is lost while PostgreSQL is down', async (t) => {
    const postgres = await startPostgres();
    assert.ok(postgres);
    t.after(() => postgres.stop());
    const other = await startBackend(options(postgres.url));
    t.after(() => other.close());
    await waitForReadiness(other, 'ok');
    await postgres.kill();
    await waitForReadiness(other, 'database-unavailable');
    await postgres.start();
    await waitForReadiness(other, 'ok');
  });

  test('is lost while the disk is full', async (t) => {
    const folder = await mountSmallDisk(t);
    if (!folder) return;
    const name = `pica_connect_full_${process.pid}`;
    await administrate(`create tablespace ${name} location '${folder}'`);
    await administrate(`create database ${name} tablespace ${name}`);
    const url = new URL(server.location);
    url.pathname = name;
    const full = await startBackend(options(url.href));
    t.after(() => full.close());
    await waitForReadiness(full, 'ok');
    const filler = join(folder, 'filler');
    // This is more than the disk can hold.
    await writeFile(filler, Buffer.alloc(64 * 1024 * 1024)).catch(() => undefined);
    await waitForReadiness(full, 'database-full');
    await rm(filler);
    await waitForReadiness(full, 'ok');
    await full.close();
    await administrate(`drop database ${name}`);
    await administrate(`drop tablespace ${name}`);
  });

  test('is lost while its table is locked, without keeping callers waiting', async () => {
    const locker = await connectTo(server.location);
    await locker.query('begin; lock table readiness_checks');
    await waitForReadiness(backend, 'database-timeout');
    await locker.end();
    await waitForReadiness(backend, 'ok');
  });

  test('queries the database once for a hundred simultaneous requests', async () => {
    const locker = await connectTo(server.location);
    await locker.query('begin; lock table readiness_checks');
    const firstAsked = waitForReadiness(backend, 'database-timeout');
    await waitForBlockedStatements(server.location, 1, firstAsked);
    const responses = Promise.all(
      Array.from({ length: 100 }, () => ask(backend, 'GET', '/readyz')),
    );
    let waiting = 0;
    const watched = responses.then(() => true);
    while (!(await Promise.race([watched, new Promise((resolve) => setTimeout(resolve, 50))]))) {
      const [row] = await query<{ count: number }>(
        `select count(*)::int as count from pg_stat_activity
         where datname = current_database() and wait_event_type = 'Lock'`,
      );
      waiting = Math.max(waiting, row?.count ?? 0);
    }
    assert.equal(waiting, 1);
    await firstAsked;
    await locker.end();
    await waitForReadiness(backend, 'ok');
  });

  test('keeps one row for each live process, and deletes old ones', async (t) => {
    await query("update readiness_checks set checked_at = now() - interval '2 days'");
    const second = await startBackend(options(server.location));
    t.after(() => second.close());
    await waitForReadiness(second, 'ok');
    const rows = await query<{ age: number }>(
      'select extract(epoch from now() - checked_at)::float8 as age from readiness_checks',
    );
    assert.equal(rows.length, 1);
  });
});

/** @returns the folder of a 32 MB disk. If none can be mounted here, skips the test and returns undefined. */
async function mountSmallDisk(t: TestContext): Promise<string | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'pica-connect-disk-'));
  try {
    await run('mount', ['-t', 'tmpfs', '-o', 'size=32m', 'tmpfs', folder]);
  } catch {
    await rm(folder, { recursive: true });
    t.skip('no disk can be mounted here');
    return undefined;
  }
  t.after(async () => {
    await run('umount', [folder]);
    await rm(folder, { recursive: true });
  });
  const account = await findAccount();
  if (account?.uid !== undefined && account.gid !== undefined) {
    await chown(folder, account.uid, account.gid);
  }
  return folder;
}
