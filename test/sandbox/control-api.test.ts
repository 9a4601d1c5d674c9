import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, afterEach, before, test } from 'node:test';
import { LinkSessions } from '../../demo/sandbox/link-sessions.js';
import { startSandbox, type Sandbox } from '../../demo/sandbox/server.js';
import { ask, post } from './requests.js';

let sandbox: Sandbox;
before(async () => {
  sandbox = await startSandbox();
});
afterEach(async () => {
  await ask(sandbox, '/sandbox/faults', { method: 'DELETE' });
  await ask(sandbox, '/sandbox/vault', { method: 'DELETE' });
});
after(() => sandbox.close());

const addFault = (fault: object) => post(sandbox, '/sandbox/faults', fault);
const getFlags = () => ask(sandbox, '/v1/users/flags');

const consent = { platform: 'gmail', attempt: 'forged', decision: 'allow' };
const connectionRequests = {
  '/oauth/consent': {
    body: new URLSearchParams(consent).toString(),
    type: 'application/x-www-form-urlencoded',
  },
  '/link/connections': {
    body: JSON.stringify({ platform: 'gmail', apiKey: 'any' }),
    type: 'application/json',
  },
};
for (const [path, { body, type }] of Object.entries(connectionRequests)) {
  const sendFrom = async (origin: string) => {
    const headers = { 'content-type': type, origin };
    const { ok } = await fetch(sandbox.origin + path, { method: 'POST', headers, body });
    const vault = await ask<{ rows: unknown[] }>(sandbox, '/sandbox/vault');
    return [ok, vault.body.rows.length];
  };

  test(`${path} creates connections only for the sandbox’s own pages`, async () => {
    assert.deepEqual(await sendFrom('https://elsewhere.example'), [false, 0]);
    assert.deepEqual(await sendFrom('null'), [false, 0]);
    assert.deepEqual(await sendFrom(sandbox.origin), [true, 1]);
  });
}

test('the id of a token cannot be guessed from another one', () => {
  const sessions = new LinkSessions();
  const ids = Array.from({ length: 100 }, () => sessions.begin({ identity: 'ada' }));
  assert.ok(ids.every((id) => Number.isSafeInteger(id) && id > 0));
  assert.equal(new Set(ids).size, 100);
  assert.ok(ids.slice(1).every((id, index) => Math.abs(id - (ids[index] ?? 0)) > 1));
  assert.equal(sessions.ownerOf(ids[7]).identity, 'ada');
});

test('a fault answers with its status and an error in Pica’s form', async () => {
  await addFault({ path: '/v1/users/flags', status: 503 });
  const { status, body } = await getFlags();
  assert.equal(status, 503);
  assert.equal(body.type, 'ServiceUnavailable');
});

test('a fault applies to everything below its path', async () => {
  await addFault({ path: '/v1/users', status: 500 });
  assert.equal((await getFlags()).status, 500);
});

test('a fault does not apply to a path that only starts with the same letters', async () => {
  await addFault({ path: '/v1/user', status: 500 });
  assert.equal((await getFlags()).status, 200);
});

test('a fault applies as many times as it says', async () => {
  await addFault({ path: '/v1/users/flags', status: 500, times: 2 });
  const statuses = [
    (await getFlags()).status,
    (await getFlags()).status,
    (await getFlags()).status,
  ];
  assert.deepEqual(statuses, [500, 500, 200]);
});

test('a fault can be limited to one method', async () => {
  await addFault({ path: '/v1/users/flags', method: 'post', status: 500 });
  assert.equal((await getFlags()).status, 200);
});

test('a fault can carry out the request and lose only its answer', async () => {
  const { body } = await post<{ id: string }>(sandbox, '/sandbox/vault', { platform: 'gmail' });
  const path = `/v1/vault/connections/${body.id}`;
  await addFault({ path, method: 'DELETE', status: 500, after: true });
  assert.equal((await ask(sandbox, path, { method: 'DELETE' })).status, 500);
  assert.equal((await ask(sandbox, path)).status, 404);
});

test('a fault can delay an answer that is otherwise normal', async () => {
  await addFault({ path: '/v1/users/flags', delay: 150 });
  const startedAt = performance.now();
  const { status } = await getFlags();
  assert.equal(status, 200);
  assert.ok(performance.now() - startedAt >= 145);
});

test('faults can be cleared', async () => {
  await addFault({ path: '/v1/users/flags', status: 500 });
  await ask(sandbox, '/sandbox/faults', { method: 'DELETE' });
  assert.equal((await getFlags()).status, 200);
});

test('a fault on every path can still be cleared', async () => {
  await addFault({ path: '/', status: 500 });
  assert.equal((await ask(sandbox, '/sandbox/faults', { method: 'DELETE' })).status, 204);
});

for (const [description, fault, expected] of [
  ['without a path', { status: 500 }, /path/],
  ['that does nothing', { path: '/v1' }, /status, a delay/],
  ['whose status is not an error', { path: '/v1', status: 200 }, /status/],
  ['with a field that does not exist', { path: '/v1', status: 500, time: 1 }, /time/],
] as const) {
  test(`a fault ${description} is refused with a message that names the problem`, async () => {
    const { status, body } = await addFault(fault);
    assert.equal(status, 400);
    assert.match(String(body.message), expected);
  });
}

test('a connection’s state can be changed by its key', async () => {
  const { body } = await post(sandbox, '/sandbox/vault', { platform: 'gmail' });
  await post(sandbox, '/sandbox/vault', { key: body.key, state: 'failed' });
  const changed = await ask(sandbox, `/v1/vault/connections/${String(body.id)}`);
  assert.deepEqual(
    { state: changed.body.state, active: changed.body.active },
    { state: 'failed', active: false },
  );
});

test('a connection’s state can be changed by its id', async () => {
  const { body } = await post(sandbox, '/sandbox/vault', { platform: 'gmail' });
  const changed = await post(sandbox, '/sandbox/vault', { id: body.id, state: 'degraded' });
  assert.equal(changed.body.state, 'degraded');
});

test('changing an unknown connection answers 404', async () => {
  const { status } = await post(sandbox, '/sandbox/vault', { id: 'nobody', state: 'failed' });
  assert.equal(status, 404);
});

for (const [description, row, expected] of [
  ['of an unknown platform', { platform: 'nonsense' }, /available-connectors/],
  ['with an unknown state', { platform: 'gmail', state: 'tired' }, /state/],
  ['that names neither platform nor connection', { state: 'failed' }, /id or key/],
] as const) {
  test(`a row ${description} is refused with a message that names the problem`, async () => {
    const { status, body } = await post(sandbox, '/sandbox/vault', row);
    assert.equal(status, 400);
    assert.match(String(body.message), expected);
  });
}

test('the vault can be read without the secret', async () => {
  await post(sandbox, '/sandbox/vault', { platform: 'gmail' });
  const { body } = await ask<{ rows: object[] }>(sandbox, '/sandbox/vault', { secret: null });
  assert.equal(body.rows.length, 1);
});

const page = 'http://127.0.0.1:4000';

/** Sends a request as a page of this origin. Returns the status and the origin that may read the answer. */
async function requestFromPage(
  origin: string,
  method: string,
  path = '/sandbox/vault',
  to = sandbox,
) {
  const response = await fetch(to.origin + path, {
    method,
    headers: { origin, 'content-type': 'application/json' },
    ...(method === 'POST' && { body: JSON.stringify({ platform: 'gmail' }) }),
  });
  return [response.status, response.headers.get('access-control-allow-origin')];
}

test('pages of trusted origins may use the control API and read its answers', async () => {
  const trusting = await startSandbox({ trustedOrigins: [page] });
  assert.deepEqual(await requestFromPage(page, 'OPTIONS', '/sandbox/vault', trusting), [204, page]);
  assert.deepEqual(await requestFromPage(page, 'POST', '/sandbox/vault', trusting), [201, page]);
  assert.deepEqual(await requestFromPage(page, 'GET', '/sandbox/vault', trusting), [200, page]);
  await trusting.close();
});

test('pages of the sandbox’s own origin may use the control API', async () => {
  assert.deepEqual(await requestFromPage(sandbox.origin, 'POST'), [201, null]);
});

for (const origin of ['https://evil.example', page, 'null', 'https://SELF']) {
  test(`pages of the origin ${origin} may neither write nor read`, async () => {
    const foreign = origin.replace('SELF', new URL(sandbox.origin).host);
    for (const method of ['OPTIONS', 'GET', 'POST', 'DELETE']) {
      assert.deepEqual(await requestFromPage(foreign, method), [403, null]);
      assert.deepEqual(await requestFromPage(foreign, method, '/sandbox/faults'), [403, null]);
    }
    const { body } = await ask<{ rows: object[] }>(sandbox, '/sandbox/vault');
    assert.deepEqual(body.rows, []);
  });
}

test('a foreign host name that resolves to the sandbox is refused', async () => {
  const statusFor = (host: string) =>
    new Promise<number | undefined>((resolve, reject) => {
      const outgoing = request(`${sandbox.origin}/sandbox/vault`, { headers: { host } });
      outgoing.on('response', (response) => resolve(response.resume().statusCode));
      outgoing.on('error', reject);
      outgoing.end();
    });
  assert.equal(await statusFor('evil.example'), 421);
  assert.equal(await statusFor('localhost:1'), 200);
});
