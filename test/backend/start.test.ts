import assert from 'node:assert/strict';
import { access, chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, suite, test } from 'node:test';
import { startBackend, type Backend, type BackendOptions } from '../../demo/app/backend/server.js';
import { startBackendProcess } from './backend-process.js';
import { credentialSecret } from './credentials.js';
import { secret, startPica } from './pica-stand-in.js';
import { ask, authkitOrigin, unreachableOrigin } from './test-backend.js';
import { administrate, adminUrl, createTestDatabase } from './test-database.js';

const options = (database: string): BackendOptions => ({
  database,
  picaSecret: secret,
  picaApi: unreachableOrigin,
  authkitOrigin,
  credentialSecrets: [credentialSecret],
  drainMs: 0,
  logLevel: 'silent',
});

/** Asserts that the start fails with a message that matches all patterns. */
async function assertStartFails(database: string, ...expected: RegExp[]) {
  await assert.rejects(startBackend(options(database)), (error: Error) => {
    assert.equal(error.name, 'StartError');
    for (const pattern of expected) assert.match(error.message, pattern);
    return true;
  });
}

const exists = (file: string) =>
  access(file).then(
    () => true,
    () => false,
  );

suite('starting with a data folder', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pica-connect-data-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const save = (backend: Pick<Backend, 'origin'>, key: string) =>
    ask(backend, 'POST', '/api/connections', {
      user: 'one',
      body: { platform: 'gmail', connection_key: key },
    });

  test('keeps connections and sign-ins across a restart', async () => {
    const data = join(folder, 'created', 'when', 'needed');
    const first = await startBackend(options(data));
    const saved = await save(first, 'kept');
    const session = await ask(first, 'POST', '/api/session', { body: { user: 'ada' } });
    await first.close();

    const second = await startBackend(options(data));
    const { json } = await ask(second, 'GET', '/api/connections', { user: 'one' });
    const cookie = session.headers.get('set-cookie')?.split(';')[0] ?? '';
    const after = await ask(second, 'GET', '/api/session', { headers: { cookie } });
    await second.close();
    assert.deepEqual(json, { rows: [saved.json] });
    assert.notEqual(after.json.user, null);
  });

  test('keeps connections after a kill, and takes over the lock that is left', async () => {
    const first = await startBackendProcess(options(folder));
    await save(first, 'kept');
    await first.kill();
    assert.ok(await exists(join(folder, 'process.pid')));

    const second = await startBackend(options(folder));
    const { json } = await ask(second, 'GET', '/api/connections', { user: 'one' });
    await second.close();
    assert.equal((json.rows as unknown[]).length, 1);
  });

  test('fails if another process uses the folder, and names that process', async () => {
    const other = await startBackendProcess(options(folder));
    const patterns = [/in use/, new RegExp(`${other.pid}`), /DATA_FOLDER/];
    await assertStartFails(folder, ...patterns);
    // The other process still works.
    assert.equal((await save(other, 'fine')).status, 202);
    await other.kill();
  });

  test('fails if it is a file', async () => {
    const file = join(folder, 'file');
    await writeFile(file, 'text');
    await assertStartFails(file, /is a file/, /DATA_FOLDER/, /DATABASE_URL/);
    await assertStartFails(join(file, 'below'), /is a file/);
  });

  test('fails if the folder cannot be written to', async () => {
    const readOnly = join(folder, 'read-only');
    await mkdir(readOnly);
    await chmod(folder, 0o755);
    await chmod(readOnly, 0o555);
    // Root can write anywhere, so become nobody.
    const isRoot = process.getuid?.() === 0;
    if (isRoot) process.seteuid?.(65534);
    try {
      await assertStartFails(readOnly, /cannot be written to \(EACCES\)/, /DATA_FOLDER/);
    } finally {
      if (isRoot) process.seteuid?.(0);
    }
  });

  test('fails if the database is damaged, and leaves no lock behind', async () => {
    await mkdir(join(folder, 'postgres'));
    await writeFile(join(folder, 'postgres', 'PG_VERSION'), '9\n');
    await assertStartFails(folder, /cannot be opened/, /Delete that folder/, /DATA_FOLDER/);
    assert.equal(await exists(join(folder, 'process.pid')), false);
  });

  test('fails if the port is taken, and leaves no lock behind', async () => {
    const other = await startPica();
    const port = Number(new URL(other.origin).port);
    await assert.rejects(startBackend({ ...options(folder), port }), {
      name: 'StartError',
      message: /Port \d+: is in use.*PORT/,
    });
    assert.equal(await exists(join(folder, 'process.pid')), false);
    await other.close();
  });
});

suite('starting with DATABASE_URL', () => {
  const password = 'pass-word-of-the-test';
  const withoutPassword = new RegExp(`^(?!.*(${password}|word-of-the-test)).*$`, 's');

  const malformed = [
    `postgres://user:${password}@localhost:port/db`,
    `postgres://user:pass/${password}@localhost/db`,
    `postgres://user:12#${password}@localhost/db`,
    `postgres://user:12?${password}@localhost/db`,
    `postgres://user:%zz${password}@localhost/db`,
    `postgres:/user:${password}@localhost/db`,
    `postgresql:user:${password}@localhost/db`,
  ];
  for (const url of malformed) {
    test(`fails for ${url.replaceAll(password, '…')}`, () =>
      assertStartFails(url, /DATABASE_URL is not a PostgreSQL URL/, /%40/, withoutPassword));
  }

  const others = [
    `mysql://user:${password}@localhost/db`,
    `user:${password}@localhost:5432/db`,
    'localhost:5432/db',
  ];
  for (const url of others) {
    test(`fails for ${url.replaceAll(password, '…')}, which is not taken for a folder`, () =>
      assertStartFails(url, /DATABASE_URL/, /postgres:\/\/user/, withoutPassword));
  }

  test('fails if it is empty', () => assertStartFails(' ', /DATA_FOLDER/, /DATABASE_URL/));

  test('names the address if nothing answers there', () =>
    assertStartFails(
      `postgres://user:${password}@127.0.0.1:1/db`,
      /DATABASE_URL: nothing answers at 127\.0\.0\.1:1/,
      withoutPassword,
    ));

  test('names a host that does not exist', () =>
    assertStartFails(
      `postgres://user:${password}@no-such-host.invalid/db`,
      /DATABASE_URL: there is no host "no-such-host\.invalid"/,
      withoutPassword,
    ));
});

suite(
  'starting with a real PostgreSQL',
  { skip: !adminUrl && 'TEST_DATABASE_URL is not set' },
  () => {
    let location: string;
    let drop: () => Promise<void>;

    before(async () => {
      ({ location, drop } = await createTestDatabase());
    });
    after(() => drop());

    /** The server's URL after a change. */
    function urlWith(change: (url: URL) => void): string {
      const url = new URL(location);
      change(url);
      return url.href;
    }

    test('reports a wrong password', async (t) => {
      if (!new URL(location).password) {
        t.skip('this server asks for no password');
        return;
      }
      const url = urlWith((it) => (it.password = 'a-wrong-one'));
      await assertStartFails(url, /DATABASE_URL: .* refuses the user/, /^(?!.*a-wrong-one).*$/s);
    });

    test('reports a missing database', () =>
      assertStartFails(
        urlWith((url) => (url.pathname = 'no_such_database')),
        /DATABASE_URL: .* has no database "no_such_database"/,
        /createdb no_such_database/,
      ));

    test('reports a user who may not create tables', async (t) => {
      if (!new URL(location).password) {
        t.skip('users of this server may have no password');
        return;
      }
      const user = `pica_connect_${process.pid}`;
      await administrate(`create role ${user} login password 'short-lived'`);
      t.after(() => administrate(`drop role ${user}`));
      const url = urlWith((it) => {
        it.username = user;
        it.password = 'short-lived';
      });
      await assertStartFails(url, /may not create tables/, /GRANT/);
    });

    test('keeps connections across a restart', async () => {
      const first = await startBackend(options(location));
      const body = { platform: 'gmail', connection_key: 'kept' };
      const saved = await ask(first, 'POST', '/api/connections', { user: 'one', body });
      await first.close();
      const second = await startBackend(options(location));
      const { json } = await ask(second, 'GET', '/api/connections', { user: 'one' });
      await second.close();
      assert.deepEqual(json, { rows: [saved.json] });
    });

    test('works for three backends at the same time', async () => {
      const database = await createTestDatabase();
      const backends = await Promise.all(
        [1, 2, 3].map(() => startBackend(options(database.location))),
      );
      for (const backend of backends) {
        const { status } = await ask(backend, 'GET', '/api/connections', { user: 'one' });
        assert.equal(status, 200);
        await backend.close();
      }
      await database.drop();
    });

    test('still works after the server has ended its connections', async () => {
      const database = await createTestDatabase();
      const backend = await startBackend(options(database.location));
      const list = () => ask(backend, 'GET', '/api/connections', { user: 'one' });
      await list();
      const name = new URL(database.location).pathname.slice(1);
      await administrate(
        `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`,
      );
      await new Promise((resolve) => setTimeout(resolve, 200));
      assert.equal((await list()).status, 200);
      await backend.close();
      await database.drop();
    });
  },
);

suite('starting with invalid options', () => {
  const invalid: [Partial<BackendOptions>, RegExp][] = [
    [{ picaSecret: '' }, /PICA_SECRET_KEY/],
    [{ picaSecret: 'two\nlines' }, /PICA_SECRET_KEY/],
    [{ picaApi: 'api.picaos.com' }, /picaApi/],
    [{ authkitOrigin: 'file:///page' }, /authkitOrigin/],
  ];
  for (const [change, message] of invalid) {
    test(`fails for ${JSON.stringify(change)}`, () =>
      assert.rejects(startBackend({ ...options('memory://'), ...change }), {
        name: 'StartError',
        message,
      }));
  }
});
