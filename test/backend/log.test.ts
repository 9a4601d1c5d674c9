import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { after, before, suite, test } from 'node:test';
import { startBackendProcess, type BackendProcess } from './backend-process.js';
import { credentialSecret } from './credentials.js';
import { guard } from './hang-guard.js';
import { secret, startPica, type PicaStandIn } from './pica-stand-in.js';
import { ask, authkitOrigin } from './test-backend.js';

const options = {
  database: 'memory://',
  picaSecret: secret,
  authkitOrigin,
  credentialSecrets: [credentialSecret],
  drainMs: 0,
};

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

  /** Waits for a request's line in the log. */
  const answered = (id: string) =>
    backend.logged(new RegExp(`"requestId":"${id}".*"msg":"answered"`));

  test('is the only output, even while many saves wait for Pica', async () => {
    const steps = new EventEmitter();
    const released = once(steps, 'release');
    let waiting = 0;
    pica.answers.set('/v1/vault/connections', async () => {
      if (++waiting === 20) steps.emit('release');
      await released;
      return Response.json({ rows: [], total: 0, pages: 1, page: 1 });
    });
    // A process of its own, because the saves wait until it ends.
    const crowded = await startBackendProcess({ ...options, picaApi: pica.origin });
    const saves = Array.from({ length: 20 }, (_, index) => {
      const body = { platform: 'gmail', connection_key: `key-${index}` };
      return ask(crowded, 'POST', '/api/connections', { user: `user-${index}`, body });
    });
    await guard('twenty requests to Pica', released);
    crowded.terminate();
    for (const { status } of await Promise.all(saves)) assert.equal(status, 202);
    await crowded.ended();
    assert.equal(crowded.errors(), '');
    pica.reset();
  });

  test('has a line for each request, with its route, status and user', async () => {
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

  test('names the request that caused a repair', async () => {
    const headers = { 'x-request-id': 'looked-at-a-list' };
    await ask(backend, 'GET', '/api/connections', { user: 'repaired', headers });
    const { requestId } = await backend.logged(/"user":"repaired".*"msg":"repaired"/);
    assert.equal(requestId, 'looked-at-a-list');
  });

  for (const invalidId of ['two words', 'a'.repeat(129), '<script>', '"}{"level":"error']) {
    test(`does not accept a request ID like ${invalidId.slice(0, 20)}`, async () => {
      const { headers } = await ask(backend, 'GET', '/api/config', {
        headers: { 'x-request-id': invalidId },
      });
      assert.match(headers.get('x-request-id') ?? '', /^[\da-f-]{36}$/);
    });
  }

  test('assigns an ID to a request without one', async () => {
    const { headers } = await ask(backend, 'GET', '/api/config');
    const id = headers.get('x-request-id') ?? '';
    assert.match(id, /^[\da-f-]{36}$/);
    assert.equal((await answered(id)).route, '/api/config');
  });

  test('never contains a connection key', async () => {
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

  test('names the request of an error, and contains no secret', async () => {
    pica.answers.set('/v1/vault/connections', () => new Response(secret, { status: 500 }));
    const headers = { 'x-request-id': 'goes-wrong' };
    await ask(backend, 'DELETE', '/api/connections/any', { user: 'ada', headers });
    const { level, code } = await backend.logged(/"requestId":"goes-wrong".*status 500/);
    assert.deepEqual([level, code], ['error', 'pica-error']);
    assert.equal((await answered('goes-wrong')).level, 'error');
    assert.ok(!backend.printed().includes(secret));
  });
});
