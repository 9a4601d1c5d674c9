import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { after, afterEach, before, suite, test } from 'node:test';
import packageJson from '../../package.json' with { type: 'json' };
import { startBackend, type Backend, type BackendOptions } from '../../demo/app/backend/server.js';
import { credentialSecret } from './credentials.js';
import { poll } from './hang-guard.js';
import { labelValues } from './metric-labels.js';
import { scrape, type Scrape } from './metrics.js';
import { secret, startPica, type PicaStandIn } from './pica-stand-in.js';
import { ask, authkitOrigin, unreachableOrigin } from './test-backend.js';
import {
  administrate,
  adminUrl,
  connectTo,
  createTestDatabase,
  type TestDatabase,
} from './test-database.js';

const onlyOnServer = { skip: !adminUrl && 'the embedded database cannot be reached from outside' };
const endpoint = '/api/connections';

suite('metrics', () => {
  let pica: PicaStandIn;
  let database: TestDatabase;
  let running: Backend[] = [];

  before(async () => {
    pica = await startPica();
  });
  afterEach(async () => {
    await Promise.all(running.map((backend) => backend.close()));
    running = [];
    await database.drop();
    pica.reset();
  });
  after(() => pica.close());

  const options = (overrides: Partial<BackendOptions>): BackendOptions => ({
    database: database.location,
    picaSecret: secret,
    picaApi: pica.origin,
    authkitOrigin,
    cookieSecrets: ['what-the-tests-sign-cookies-with-1'],
    credentialSecrets: [credentialSecret],
    logLevel: 'silent',
    drainMs: 0,
    confirmTimeoutMs: 0,
    metricsPort: 0,
    ...overrides,
  });

  async function start(overrides: Partial<BackendOptions> = {}): Promise<Backend> {
    database = await createTestDatabase();
    const backend = await startBackend(options(overrides));
    running.push(backend);
    return backend;
  }

  const save = (backend: Backend, user: string, key: string) =>
    ask(backend, 'POST', endpoint, { user, body: { platform: 'gmail', connection_key: key } });

  /** Scrapes again and again, because work in the background is counted after the response to a request. */
  async function scrapeUntil(
    backend: Backend,
    isComplete: (scraped: Scrape) => boolean,
  ): Promise<Scrape> {
    return poll('complete metrics', () => scrape(backend), isComplete);
  }

  const requestCount = (method: string, route: string, status: string) =>
    ['http_request_duration_seconds_count', { method, route, status }] as const;
  const picaRequestCount = (operation: string, outcome: string) =>
    ['pica_request_duration_seconds_count', { operation, outcome }] as const;

  test('are not served without a port of their own, not even on the app’s port', async () => {
    const backend = await start({ metricsPort: undefined });
    assert.equal(backend.metricsOrigin, undefined);
    assert.equal((await ask(backend, 'GET', '/metrics')).status, 404);
  });

  test('are served at /metrics of their own port, and nothing else is', async () => {
    const backend = await start();
    assert.notEqual(backend.metricsOrigin, backend.origin);
    assert.equal((await ask(backend, 'GET', '/metrics')).status, 404);
    const origin = backend.metricsOrigin ?? '';
    const { status, headers } = await ask({ origin }, 'GET', '/metrics');
    assert.equal(status, 200);
    assert.match(headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/);
    for (const path of ['/', '/healthz', '/api/config', '/metrics/more']) {
      assert.equal((await ask({ origin }, 'GET', path)).status, 404, path);
    }
  });

  test('fail the start with a hint, and leave nothing open, if their port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port: metricsPort } = other.address() as AddressInfo;
    database = await createTestDatabase();
    await assert.rejects(startBackend(options({ metricsPort })), {
      name: 'StartError',
      message: /Set METRICS_PORT to another/,
    });
    other.close();
  });

  test('count requests by method, route and status', async () => {
    const backend = await start();
    await ask(backend, 'GET', endpoint, { user: 'ada' });
    await ask(backend, 'GET', endpoint, { user: 'ada' });
    await ask(backend, 'GET', endpoint);
    await ask(backend, 'DELETE', `${endpoint}/not-there`, { user: 'ada' });
    const scraped = await scrape(backend);
    assert.equal(scraped.value(...requestCount('GET', endpoint, '200')), 2);
    assert.equal(scraped.value(...requestCount('GET', endpoint, '401')), 1);
    assert.equal(scraped.value(...requestCount('DELETE', `${endpoint}/:key`, '404')), 1);
    assert.equal(scraped.value('http_requests_under_way'), 0);
    assert.equal(scraped.value('build_info', { version: packageJson.version }), 1);
  });

  test('count saves that Pica has not confirmed, and the claims that still wait', async () => {
    const backend = await start();
    pica.addToVault('ada', 'confirmed');
    await save(backend, 'ada', 'confirmed');
    await save(backend, 'ada', 'made-up');
    const scraped = await scrape(backend);
    assert.equal(scraped.value(...requestCount('POST', endpoint, '201')), 1);
    assert.equal(scraped.value(...requestCount('POST', endpoint, '202')), 1);
    assert.equal(scraped.value('unconfirmed_connections'), 1);
  });

  test('count requests to Pica by operation and outcome', async () => {
    const backend = await start();
    await ask(backend, 'POST', '/api/authkit/token', { user: 'ada' });
    await ask(backend, 'GET', '/api/integrations');
    for (const [status, key] of [
      [429, 'one'],
      [500, 'two'],
      [403, 'three'],
    ] as const) {
      pica.answers.set('/v1/vault/connections', () => new Response(null, { status }));
      await save(backend, 'ada', key);
    }
    pica.answers.set('/v1/authkit', () => Response.json({ type: 'Unauthorized' }, { status: 401 }));
    await ask(backend, 'POST', '/api/authkit/token', { user: 'ada' });
    const scraped = await scrape(backend);
    assert.equal(scraped.value(...picaRequestCount('create_token', 'ok')), 1);
    assert.equal(scraped.value(...picaRequestCount('create_token', 'refused')), 1);
    assert.equal(scraped.value(...picaRequestCount('list_integrations', 'ok')), 3);
    assert.equal(scraped.value(...picaRequestCount('list_connections', 'rate_limited')), 1);
    assert.equal(scraped.value(...picaRequestCount('list_connections', 'failed')), 1);
    assert.equal(scraped.value(...picaRequestCount('list_connections', 'refused')), 1);
  });

  test('show that Pica cannot be reached, and that repairs are paused', async () => {
    const backend = await start({ picaApi: unreachableOrigin });
    assert.equal((await scrape(backend)).value('repairs_paused'), 0);
    for (const user of ['1', '2', '3', '4', '5', '6', '7', '8', '9']) {
      await ask(backend, 'GET', endpoint, { user });
    }
    const scraped = await scrapeUntil(backend, (it) => it.value('repairs_paused') === 1);
    assert.ok(Number(scraped.value(...picaRequestCount('list_connections', 'unreachable'))) >= 5);
    assert.ok(Number(scraped.value('repairs_total', { outcome: 'failed' })) >= 5);
    await scrapeUntil(
      backend,
      (it) => Number(it.value('repairs_total', { outcome: 'postponed' })) > 0,
    );
  });

  test('count repairs and their changes', async () => {
    const backend = await start();
    pica.addToVault('ada', 'lost-1', 'lost-2');
    await ask(backend, 'GET', endpoint, { user: 'ada' });
    const scraped = await scrapeUntil(
      backend,
      (it) => it.value('repairs_total', { outcome: 'repaired' }) === 1,
    );
    assert.equal(scraped.value('repaired_connections_total', { change: 'added' }), 2);
    assert.equal(scraped.value('repaired_connections_total', { change: 'displaced' }), 0);
  });

  test('of one backend include nothing of another in the same process', async () => {
    const first = await start();
    const second = await startBackend(options({ database: 'memory://' }));
    running.push(second);
    await ask(first, 'GET', endpoint, { user: 'ada' });
    assert.equal((await scrape(first)).value(...requestCount('GET', endpoint, '200')), 1);
    assert.equal((await scrape(second)).value(...requestCount('GET', endpoint, '200')), undefined);
  });

  test('count the connections to the database', onlyOnServer, async () => {
    const scraped = await scrape(await start());
    assert.equal(scraped.value('database_pool_max'), 10);
    const [idle, inUse] = ['idle', 'in_use'].map((state) =>
      scraped.value('database_pool_connections', { state }),
    );
    assert.ok(Number(idle) + Number(inUse) >= 1);
    assert.equal(scraped.value('database_pool_waiting'), 0);
  });

  test('show how many repairs are due, and since when', onlyOnServer, async () => {
    const backend = await start();
    // Another process has claimed them, so this one leaves them due.
    await administrate(
      `insert into repairs (user_id, due_at, claimed_until) values
        ('ada', now() - interval '1 hour', now() + interval '1 hour'),
        ('grace', now() - interval '1 minute', now() + interval '1 hour'),
        ('alan', now() + interval '1 hour', null)`,
      database.location,
    );
    const scraped = await scrape(backend);
    assert.equal(scraped.value('repairs_due'), 2);
    const seconds = Number(scraped.value('repairs_oldest_due_seconds'));
    assert.ok(seconds >= 3600 && seconds < 7200, `${seconds} s`);
  });

  const databaseMetrics = ['repairs_due', 'repairs_oldest_due_seconds', 'unconfirmed_connections'];

  test('leave out what only the database knows while it is gone', onlyOnServer, async () => {
    const backend = await start();
    assert.equal((await scrape(backend)).value('database_up'), 1);
    await database.drop();
    await ask(backend, 'GET', endpoint, { user: 'ada' });
    const scraped = await scrape(backend);
    assert.equal(scraped.value('database_up'), 0);
    for (const name of databaseMetrics) assert.equal(scraped.value(name), undefined, name);
    assert.ok(scraped.names.has('pica_connect_http_request_duration_seconds_count'));
    database = { location: '', drop: () => Promise.resolve() };
  });

  test('leave out what only the database knows until it answers again', onlyOnServer, async () => {
    const backend = await start();
    const locker = await connectTo(database.location);
    await locker.query('begin; lock table repairs in access exclusive mode');
    // Simultaneous scrapes share one query.
    for (const scraped of await Promise.all([scrape(backend), scrape(backend)])) {
      assert.equal(scraped.value('database_up'), 0);
      for (const name of databaseMetrics) assert.equal(scraped.value(name), undefined, name);
    }
    await locker.query('rollback');
    await locker.end();
    const scraped = await scrape(backend);
    assert.equal(scraped.value('database_up'), 1);
    assert.equal(scraped.value('repairs_due'), 0);
  });

  test('have labels from a fixed list, no matter what is requested', async () => {
    const backend = await start({
      staticFolders: { '/': 'demo/app/pages/settings', '/dist': 'demo/app/pages/settings' },
    });
    const key = 'test::gmail::key-of-the-test';
    const user = 'user-of-the-test';
    pica.addToVault(user, key);
    const body = { platform: 'gmail', connection_key: key };
    const paths = [
      ...['/', '/index.html', '/dist', '/dist/', '/dist/none.js', '/healthz', '/readyz'],
      ...['/api/config', '/api/integrations', '/api/authkit/token', '/api/credential'],
      ...['/api/session', '/api/user', endpoint, `${endpoint}/${key}`, `${endpoint}/${key}/test`],
      ...[`${endpoint}/${key}/test/${key}`, `/api/${user}`, `/${user}/${key}?${secret}`],
      ...[
        '/api/%00',
        '/%E0%A4%A',
        `/${'a'.repeat(2000)}`,
        '/api/connections/%2e%2e',
        '//other.example/',
      ],
    ];
    await save(backend, user, key);
    for (const path of paths) {
      for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
        const hasBody = method.startsWith('P');
        await ask(backend, method, path, { user, ...(hasBody && { body }) });
      }
      for (const method of ['PROPFIND', 'M-SEARCH', 'PURGE', 'LOCK', 'SOURCE']) {
        await askWithRawMethod(backend, method, path);
      }
    }
    await scrapeUntil(backend, (it) => it.value('repairs_total', { outcome: 'repaired' }) === 1);
    const scraped = await scrape(backend);
    for (const { name, labels } of scraped.samples) {
      if (!name.startsWith('pica_connect_')) continue;
      for (const [label, value] of Object.entries(labels)) {
        if (label === 'le') assert.match(value, /^(\d+(\.\d+)?|\+Inf)$/);
        else assert.ok(labelValues[label]?.includes(value), `${name}{${label}="${value}"}`);
      }
    }
    assert.ok(scraped.samples.some(({ labels }) => labels.route === `${endpoint}/:key/test`));
    assert.ok(scraped.samples.some(({ labels }) => labels.method === 'other'));
    const secrets = [secret, credentialSecret, user, key, 'what-the-tests-sign'];
    if (adminUrl) secrets.push(new URL(adminUrl).password);
    for (const text of secrets) assert.ok(!scraped.text.includes(text), text);
  });

  test('follow the naming conventions of Prometheus', async () => {
    const { types } = await scrape(await start());
    for (const [name, type] of types) {
      assert.match(name, /^(pica_connect|process|nodejs)_[a-z0-9_]+$/);
      if (!name.startsWith('pica_connect_')) continue;
      assert.equal(name.endsWith('_total'), type === 'counter', name);
      assert.equal(name.endsWith('_seconds'), /duration|due_seconds/.test(name), name);
      assert.doesNotMatch(name, /_(ms|millis|count|sum)$/);
    }
    assert.equal(types.get('process_cpu_seconds_total'), 'counter');
    assert.equal(types.get('nodejs_eventloop_lag_p99_seconds'), 'gauge');
  });
});

/** Sends a request with a method that fetch() doesn't allow. */
async function askWithRawMethod({ origin }: Backend, method: string, path: string): Promise<void> {
  const sent = httpRequest(origin, { method, path }).end();
  const [response] = (await once(sent, 'response')) as [{ resume(): void }];
  response.resume();
}
