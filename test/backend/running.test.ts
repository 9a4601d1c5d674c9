import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { after, before, suite, test } from 'node:test';
import { startBackend, type Backend } from '../../demo/app/backend/server.js';
import { startBackendProcess, type BackendProcess } from './backend-process.js';
import { credentialSecret } from './credentials.js';
import { secret, startPica, type PicaStandIn } from './pica-stand-in.js';
import { ask, authkitOrigin, nowhere, startTestBackend, untilReadiness } from './test-backend.js';
import { administrate, adminUrl, createTestDatabase } from './test-database.js';

const options = {
  database: 'memory://',
  picaSecret: secret,
  picaApi: nowhere,
  authkitOrigin,
  credentialSecrets: [credentialSecret],
  drainMs: 0,
};

suite('whether it runs', () => {
  let backend: Backend;
  before(async () => {
    backend = await startTestBackend();
  });
  after(() => backend.close());

  for (const path of ['/healthz', '/readyz']) {
    test(`is said at ${path}`, async () => {
      const { status, json, headers } = await ask(backend, 'GET', path);
      assert.equal(status, 200);
      assert.deepEqual(json, { status: 'ok' });
      assert.equal(headers.get('cache-control'), 'no-store');
    });
  }

  test(
    'it is not ready without its tables, or without its database, and lives all the same',
    { skip: !adminUrl && 'the embedded database cannot be reached from outside' },
    async () => {
      const { location, drop } = await createTestDatabase();
      const other = await startBackend({ ...options, database: location, logLevel: 'silent' });
      await untilReadiness(other, 'ok');
      await administrate("delete from kysely_migration where name = '002-repairs'", location);
      await untilReadiness(other, 'database-not-migrated');
      await drop();
      await untilReadiness(other, 'database-unavailable');
      assert.equal((await ask(other, 'GET', '/healthz')).status, 200);
      await other.close();
    },
  );

  test('it is not ready any more while it drains, and still serves', async () => {
    const draining = await startBackend({ ...options, logLevel: 'silent', drainMs: 1000 });
    const closed = draining.close();
    assert.equal((await ask(draining, 'GET', '/readyz')).status, 503);
    assert.equal((await ask(draining, 'GET', '/healthz')).status, 200);
    assert.equal((await ask(draining, 'GET', '/api/connections', { user: 'ada' })).status, 200);
    await closed;
  });
});

suite('closing while a repair is under way', () => {
  test('lets it finish what it began', async () => {
    const { location, drop } = await createTestDatabase();
    const pica = await startPica();
    const steps = new EventEmitter();
    const reached = once(steps, 'reached');
    pica.answers.set('/v1/vault/connections', async () => {
      steps.emit('reached');
      await once(steps, 'release');
      const row = { id: '1', key: 'made', platform: 'gmail', identity: 'ada' };
      return Response.json({ rows: [row], total: 1, pages: 1, page: 1 });
    });
    const backend = await startBackendProcess({
      ...options,
      database: location,
      picaApi: pica.origin,
    });
    await ask(backend, 'GET', '/api/connections', { user: 'ada' });
    await reached;
    backend.terminate();
    await backend.logged(/"msg":"closing"/);
    steps.emit('release');
    await backend.ended();
    assert.match(backend.printed(), /"added":1,.*"msg":"repaired"/);
    assert.ok(backend.printed().indexOf('repaired') < backend.printed().indexOf('"ended"'));
    await pica.close();
    await drop();
  });
});

suite('the log', () => {
  let pica: PicaStandIn;
  let backend: BackendProcess;

  before(async () => {
    pica = await startPica();
    backend = await startBackendProcess({ ...options, picaApi: pica.origin });
  });
  after(async () => {
    await backend.kill();
    await pica.close();
  });

  /** Waits for the line that a request has in the log. */
  const answered = (id: string) =>
    backend.logged(new RegExp(`"requestId":"${id}".*"msg":"answered"`));

  test('is all that is printed, also while many saves wait for Pica', async () => {
    const steps = new EventEmitter();
    const released = once(steps, 'release');
    let waiting = 0;
    pica.answers.set('/v1/vault/connections', async () => {
      if (++waiting === 20) steps.emit('release');
      await released;
      return Response.json({ rows: [], total: 0, pages: 1, page: 1 });
    });
    // Whoever waits leaves with the process.
    const crowded = await startBackendProcess({ ...options, picaApi: pica.origin });
    const saves = Array.from({ length: 20 }, (_, index) => {
      const body = { platform: 'gmail', connection_key: `key-${index}` };
      return ask(crowded, 'POST', '/api/connections', { user: `user-${index}`, body });
    });
    await released;
    crowded.terminate();
    for (const { status } of await Promise.all(saves)) assert.equal(status, 202);
    await crowded.ended();
    assert.equal(crowded.errors(), '');
    pica.reset();
  });

  test('has a line for each request, with what somebody needs who looks for it', async () => {
    const id = 'asked-by-the-test';
    const { headers } = await ask(backend, 'GET', '/api/connections', {
      user: 'ada',
      headers: { 'x-request-id': id },
    });
    assert.equal(headers.get('x-request-id'), id);
    const { time, ms, pid, ...line } = await answered(id);
    assert.deepEqual(line, {
      level: 'info',
      requestId: id,
      method: 'GET',
      route: '/api/connections',
      status: 200,
      user: 'ada',
      msg: 'answered',
    });
    assert.ok(Date.parse(String(time)) > 0);
    assert.equal(typeof ms, 'number');
    assert.equal(pid, backend.pid);
  });

  test('says of a repair which request it was for', async () => {
    const headers = { 'x-request-id': 'looked-at-a-list' };
    await ask(backend, 'GET', '/api/connections', { user: 'repaired', headers });
    const { requestId } = await backend.logged(/"user":"repaired".*"msg":"repaired"/);
    assert.equal(requestId, 'looked-at-a-list');
  });

  for (const given of ['two words', 'a'.repeat(129), '<script>', '"}{"level":"error']) {
    test(`does not take over a request id like ${given.slice(0, 20)}`, async () => {
      const { headers } = await ask(backend, 'GET', '/api/config', {
        headers: { 'x-request-id': given },
      });
      assert.match(headers.get('x-request-id') ?? '', /^[\da-f-]{36}$/);
    });
  }

  test('has an id of its own for a request without one', async () => {
    const { headers } = await ask(backend, 'GET', '/api/config');
    const id = headers.get('x-request-id') ?? '';
    assert.match(id, /^[\da-f-]{36}$/);
    assert.equal((await answered(id)).route, '/api/config');
  });

  test('has no connection key in it', async () => {
    const key = 'live::gmail::default::key-of-the-test';
    const body = { platform: 'gmail', connection_key: key };
    pica.addToVault('ada', key);
    await ask(backend, 'POST', '/api/connections', { user: 'ada', body });
    await ask(backend, 'POST', `/api/connections/${key}/test`, { user: 'ada', body: {} });
    await ask(backend, 'DELETE', `/api/connections/${key}`, { user: 'ada' });
    const headers = { 'x-request-id': 'the-last-of-these' };
    await ask(backend, 'DELETE', `/api/connections/${key}`, { user: 'grace', headers });
    assert.equal((await answered('the-last-of-these')).route, '/api/connections/:key');
    assert.doesNotMatch(backend.printed(), /key-of-the-test/);
  });

  test('says which request an error belongs to, and has no secret in it', async () => {
    pica.answers.set('/v1/vault/connections', () => new Response(secret, { status: 500 }));
    const headers = { 'x-request-id': 'goes-wrong' };
    await ask(backend, 'DELETE', '/api/connections/any', { user: 'ada', headers });
    const { level, code } = await backend.logged(/"requestId":"goes-wrong".*status 500/);
    assert.deepEqual([level, code], ['error', 'pica-error']);
    assert.equal((await answered('goes-wrong')).level, 'error');
    assert.ok(!backend.printed().includes(secret));
  });
});
