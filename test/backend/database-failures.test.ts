import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { after, afterEach, before, beforeEach, suite, test } from 'node:test';
import type pg from 'pg';
import { startBackend, type Backend, type BackendOptions } from '../../demo/app/backend/server.js';
import { startBackendProcess } from './backend-process.js';
import { credentialSecret, headersOf } from './credentials.js';
import { startPgbouncer, type Pgbouncer } from './pgbouncer.js';
import { secret } from './pica-stand-in.js';
import { poll } from './hang-guard.js';
import { scrape } from './metrics.js';
import { startPostgres, type Postgres } from './postgres.js';
import {
  ask,
  authkitOrigin,
  unreachableOrigin,
  waitForReadiness,
  type Answer,
} from './test-backend.js';
import {
  administrate,
  adminUrl,
  connectTo,
  createTestDatabase,
  waitForBlockedStatements,
} from './test-database.js';

const options = (database: string): BackendOptions => ({
  database,
  picaSecret: secret,
  picaApi: unreachableOrigin,
  authkitOrigin,
  credentialSecrets: [credentialSecret],
  drainMs: 0,
});

const skip = !adminUrl && 'TEST_DATABASE_URL is not set';

const list = (backend: Pick<Backend, 'origin'>, user = 'ada') =>
  ask(backend, 'GET', '/api/connections', { user });
const save = (backend: Pick<Backend, 'origin'>) =>
  ask(backend, 'POST', '/api/connections', {
    user: 'ada',
    body: { platform: 'gmail', connection_key: 'a' },
  });

function assertRefused({ status, json, headers }: Answer, error: string) {
  assert.deepEqual([status, json.error], [503, error]);
  assert.ok(Number(headers.get('retry-after')) > 0, 'Retry-After');
}

/** Locks these tables until the returned client ends. */
async function lockConnections(
  url: string,
  tables = 'user_connections, unconfirmed_connections',
): Promise<pg.Client> {
  const client = await connectTo(url);
  await client.query(`begin; lock table ${tables}`);
  return client;
}

suite('a database outage', { skip }, () => {
  let postgres: Postgres;
  let pooler: Pgbouncer | undefined;

  before(async () => {
    const started = await startPostgres();
    assert.ok(started);
    postgres = started;
    pooler = await startPgbouncer({
      ...{ postgresUrl: postgres.url, poolMode: 'transaction' },
      // After a failed connection to PostgreSQL, PgBouncer refuses all clients for this long. Its default is 15 seconds.
      settings: { server_login_retry: 1 },
    });
  });
  after(async () => {
    await pooler?.stop();
    await postgres.stop();
  });

  const outages: Record<
    string,
    { isPooled?: boolean; isSudden?: boolean; cause: () => Promise<void> }
  > = {
    'PostgreSQL restarts': { cause: () => postgres.restart() },
    'PostgreSQL is killed and started again': {
      isSudden: true,
      async cause() {
        await postgres.kill();
        await postgres.start();
      },
    },
    'an administrator ends its connections': {
      cause: () =>
        administrate(
          `select pg_terminate_backend(pid) from pg_stat_activity
           where backend_type = 'client backend' and pid <> pg_backend_pid()`,
          postgres.url,
        ),
    },
    'PostgreSQL restarts behind PgBouncer': { isPooled: true, cause: () => postgres.restart() },
    'PgBouncer is killed and started again': {
      isPooled: true,
      isSudden: true,
      async cause() {
        await pooler?.kill();
        await pooler?.start();
      },
    },
  };

  for (const [name, { isPooled, isSudden = false, cause }] of Object.entries(outages)) {
    test(`fails only pending requests, and ends no process, when ${name}`, async (t) => {
      const url = isPooled ? pooler?.url : postgres.url;
      if (url === undefined) {
        t.skip('PgBouncer is not installed');
        return;
      }
      const backends = await Promise.all([1, 2].map(() => startBackendProcess(options(url))));
      t.after(() => Promise.all(backends.map((backend) => backend.kill())));
      // Gives each pool some idle connections, which the outage breaks, too.
      await Promise.all(backends.flatMap((backend) => [1, 2, 3, 4].map(() => list(backend))));
      const locker = await lockConnections(postgres.url);
      t.after(() => locker.end().catch(() => undefined));
      const pending = backends.flatMap((backend) => [list(backend), save(backend)]);
      await waitForBlockedStatements(postgres.url, pending.length, ...pending);
      await cause();
      for (const answer of await Promise.all(pending)) {
        // Sessions end one after the other. If the locker's ends first, a request that waited for it may still succeed.
        const hasSucceeded = [200, 202].includes(answer.status);
        if (isSudden || !hasSucceeded) assertRefused(answer, 'database-unavailable');
      }
      await locker.end();
      for (const backend of backends) {
        if (isPooled) await waitForReadiness(backend, 'ok');
        assert.equal((await list(backend)).status, 200);
        assert.equal((await save(backend)).status, 202);
        assert.match(backend.printed(), /"msg":"PostgreSQL ended a connection"/);
        assert.doesNotMatch(backend.printed(), /"fatal"|unexpected error|Unhandled/);
      }
    });
  }
});

suite('a database that stops answering', { skip }, () => {
  test('fails running and new requests, and is used again when it answers', async (t) => {
    const { location, drop } = await createTestDatabase();
    t.after(drop);
    const proxy = await startProxy(location);
    t.after(() => proxy.close());
    const backend = await startBackend({
      ...options(proxy.url),
      logLevel: 'silent',
      // Less than the two seconds of a readiness check.
      databaseLimits: { statementTimeoutMs: 1000, connectTimeoutMs: 1000 },
    });
    t.after(() => backend.close());
    await waitForReadiness(backend, 'ok');
    // The first requests fail on these open connections. Later ones fail to open a connection.
    await Promise.all([1, 2, 3, 4].map(() => list(backend)));
    proxy.freeze();
    assertRefused(await list(backend), 'database-unavailable');
    assertRefused(await list(backend), 'database-unavailable');
    await waitForReadiness(backend, 'database-unavailable');
    proxy.thaw();
    await waitForReadiness(backend, 'ok');
    assert.equal((await list(backend)).status, 200);
  });

  test('is reported by scrapes without a delay', async (t) => {
    const { location, drop } = await createTestDatabase();
    t.after(drop);
    const proxy = await startProxy(location);
    t.after(() => proxy.close());
    const backend = await startBackend({
      ...options(proxy.url),
      ...{ logLevel: 'silent', closeTimeoutMs: 0, metricsPort: 0 },
      // A long time limit, so that it can't be what ends the scrape.
      databaseLimits: { statementTimeoutMs: 3_600_000 },
    });
    t.after(() => backend.close());
    assert.equal((await scrape(backend)).value('database_up'), 1);
    proxy.freeze();
    for (let scrapes = 0; scrapes < 2; scrapes++) {
      const scraped = await scrape(backend);
      assert.equal(scraped.value('database_up'), 0);
      assert.equal(scraped.value('repairs_due'), undefined);
    }
  });
});

/** A proxy in front of a server that can stop forwarding data without closing a connection, as a network can. */
async function startProxy(serverUrl: string) {
  const server = new URL(serverUrl);
  const sockets = new Set<Socket>();
  let isFrozen = false;
  const listener = createServer((client) => {
    const upstream = connect(Number(server.port), server.hostname);
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from);
      from.on('error', () => undefined);
      from.on('close', () => to.destroy());
      from.on('data', (data) => {
        if (!isFrozen) to.write(data);
      });
    }
  });
  await once(listener.listen(0, '127.0.0.1'), 'listening');
  const url = new URL(serverUrl);
  url.hostname = '127.0.0.1';
  url.port = String((listener.address() as AddressInfo).port);
  return {
    url: url.href,
    freeze: () => (isFrozen = true),
    thaw: () => (isFrozen = false),
    close: () => {
      for (const socket of sockets) socket.destroy();
      listener.close();
    },
  };
}

suite('a request that needs the database', { skip }, () => {
  let location: string;
  let drop: () => Promise<void>;
  let backend: Backend;

  beforeEach(async () => {
    ({ location, drop } = await createTestDatabase());
  });
  afterEach(async () => {
    await backend.close();
    await drop();
  });

  const nameOf = (url: string) => new URL(url).pathname.slice(1);
  const endConnections = () =>
    administrate(
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${nameOf(location)}'`,
    );
  const start = async (databaseLimits: BackendOptions['databaseLimits']) => {
    backend = await startBackend({ ...options(location), logLevel: 'silent', databaseLimits });
  };

  test('fails after the lock timeout, and succeeds once the lock is released', async () => {
    await start({ lockTimeoutMs: 100 });
    const locker = await lockConnections(location);
    assertRefused(await list(backend), 'database-locked');
    await locker.end();
    assert.equal((await list(backend)).status, 200);
  });

  test('fails after the statement timeout, and the next one succeeds', async () => {
    // The start's own statements need less, even on a busy machine.
    await start({ statementTimeoutMs: 1000 });
    const locker = await lockConnections(location);
    assertRefused(await list(backend), 'database-timeout');
    await locker.end();
    assert.equal((await list(backend)).status, 200);
  });

  test('fails if it waits too long for a connection of the pool', async () => {
    // Long enough to connect, and for the scheduled job, which also uses the only connection.
    await start({ poolSize: 1, connectTimeoutMs: 2000 });
    const locker = await lockConnections(location);
    const first = list(backend);
    await waitForBlockedStatements(location, 1, first);
    assertRefused(await list(backend, 'grace'), 'database-busy');
    await locker.end();
    assert.equal((await first).status, 200);
    assert.equal((await list(backend, 'grace')).status, 200);
  });

  test('leaves the process ready while it keeps the only connection busy', async () => {
    const databaseLimits = { poolSize: 1, connectTimeoutMs: 60_000, lockTimeoutMs: 60_000 };
    backend = await startBackend({
      ...options(location),
      ...{ logLevel: 'silent', metricsPort: 0, databaseLimits },
    });
    const locker = await lockConnections(location, 'user_connections');
    const first = list(backend);
    await waitForBlockedStatements(location, 1, first);
    const { status, json } = await ask(backend, 'GET', '/readyz');
    assert.deepEqual([status, json], [200, { status: 'ok' }]);
    assert.equal((await scrape(backend)).value('database_up'), 1);
    await locker.end();
    assert.equal((await first).status, 200);
  });

  test('fails while the server has too many connections, and succeeds once one is free', async () => {
    await start({});
    await backend.close();
    const user = `pica_connect_limited_${process.pid}`;
    await administrate(`create role ${user} login password 'short-lived'`);
    await administrate(`grant all on all tables in schema public to ${user}`, location);
    const url = new URL(location);
    url.username = user;
    url.password = 'short-lived';
    backend = await startBackend({ ...options(url.href), logLevel: 'silent' });
    await administrate(`alter role ${user} connection limit 0`);
    await endConnections();
    // Connections that the server is ending fail with another error.
    const errorOfList = async () => (await list(backend)).json.error;
    await poll('a refused connection', errorOfList, (error) => error === 'database-busy');
    assertRefused(await list(backend), 'database-busy');
    await administrate(`alter role ${user} connection limit -1`);
    assert.equal((await list(backend)).status, 200);
    await backend.close();
    await administrate(`drop owned by ${user}`, location);
    await administrate(`drop role ${user}`);
  });

  test('fails if it writes to a read-only database, and succeeds if it only reads', async () => {
    await start({});
    const readOnly = async (value: 'on' | 'off') => {
      await administrate(
        `alter database ${nameOf(location)} set default_transaction_read_only = ${value}`,
      );
      // The setting applies only to new connections.
      await endConnections();
    };
    await readOnly('on');
    const errorOfSave = async () => (await save(backend)).json.error;
    await poll('a new connection', errorOfSave, (error) => error !== 'database-unavailable');
    assertRefused(await save(backend), 'database-read-only');
    assert.equal((await list(backend)).status, 200);
    await readOnly('off');
    await poll('a writable database', errorOfSave, (error) => error === undefined);
    assert.equal((await save(backend)).status, 202);
  });

  test('is cancelled in PostgreSQL when its client disconnects', async () => {
    await start({ poolSize: 1 });
    const locker = await lockConnections(location);
    const controller = new AbortController();
    const request = fetch(`${backend.origin}/api/connections`, {
      headers: headersOf('ada'),
      signal: controller.signal,
    });
    await waitForBlockedStatements(location, 1, request);
    controller.abort();
    await assert.rejects(request, { name: 'AbortError' });
    await waitForBlockedStatements(location, 0);
    await locker.end();
    assert.equal((await list(backend)).status, 200);
  });
});

suite('a process with an unhandled rejection', () => {
  test('logs the reason in one line, without secrets, and ends', async (t) => {
    const backend = await startBackendProcess(options('memory://'));
    t.after(() => backend.kill());
    assert.ok(backend.pid);
    process.kill(backend.pid, 'SIGUSR2');
    await backend.ended();
    const [line, ...others] = backend
      .printed()
      .split('\n')
      .filter((text) => text !== '' && !text.includes('"level":"info"'));
    assert.deepEqual(others, []);
    const { level, msg, origin, err } = JSON.parse(line ?? '') as Record<string, unknown>;
    assert.deepEqual(
      [level, msg, origin],
      ['fatal', 'ended by an error that nobody caught', 'unhandledRejection'],
    );
    assert.ok((err as Error).message.startsWith('with '));
    assert.ok(!backend.printed().includes(secret));
  });
});
