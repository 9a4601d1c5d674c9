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

const order = (fault: object) => post(sandbox, '/sandbox/faults', fault);
const flags = () => ask(sandbox, '/v1/users/flags');

const consent = { platform: 'gmail', attempt: 'forged', decision: 'allow' };
const wishes = {
  '/oauth/consent': {
    body: new URLSearchParams(consent).toString(),
    type: 'application/x-www-form-urlencoded',
  },
  '/link/connections': {
    body: JSON.stringify({ platform: 'gmail', apiKey: 'any' }),
    type: 'application/json',
  },
};
for (const [path, { body, type }] of Object.entries(wishes)) {
  const sendFrom = async (origin: string) => {
    const headers = { 'content-type': type, origin };
    const { ok } = await fetch(sandbox.origin + path, { method: 'POST', headers, body });
    const vault = await ask<{ rows: unknown[] }>(sandbox, '/sandbox/vault');
    return [ok, vault.body.rows.length];
  };

  test(`${path} makes a connection for the sandbox’s own pages alone`, async () => {
    assert.deepEqual(await sendFrom('https://elsewhere.example'), [false, 0]);
    assert.deepEqual(await sendFrom('null'), [false, 0]);
    assert.deepEqual(await sendFrom(sandbox.origin), [true, 1]);
  });
}

test('the ids of tokens cannot be guessed from one another', () => {
  const sessions = new LinkSessions();
  const ids = Array.from({ length: 100 }, () => sessions.begin({ identity: 'ada' }));
  assert.ok(ids.every((id) => Number.isSafeInteger(id) && id > 0));
  assert.equal(new Set(ids).size, 100);
  assert.ok(ids.slice(1).every((id, index) => Math.abs(id - (ids[index] ?? 0)) > 1));
  assert.equal(sessions.ownerOf(ids[7]).identity, 'ada');
});

test('a fault answers with its status, in the form of Pica’s errors', async () => {
  await order({ path: '/v1/users/flags', status: 503 });
  const { status, body } = await flags();
  assert.equal(status, 503);
  assert.equal(body.type, 'ServiceUnavailable');
});

test('a fault hits everything below its path', async () => {
  await order({ path: '/v1/users', status: 500 });
  assert.equal((await flags()).status, 500);
});

test('a fault leaves paths alone that only begin with the same letters', async () => {
  await order({ path: '/v1/user', status: 500 });
  assert.equal((await flags()).status, 200);
});

test('a fault hits as often as it was told to', async () => {
  await order({ path: '/v1/users/flags', status: 500, times: 2 });
  const statuses = [(await flags()).status, (await flags()).status, (await flags()).status];
  assert.deepEqual(statuses, [500, 500, 200]);
});

test('a fault can be meant for one method', async () => {
  await order({ path: '/v1/users/flags', method: 'post', status: 500 });
  assert.equal((await flags()).status, 200);
});

test('a fault may let the request be done and lose only the answer', async () => {
  const { body } = await post<{ id: string }>(sandbox, '/sandbox/vault', { platform: 'gmail' });
  const path = `/v1/vault/connections/${body.id}`;
  await order({ path, method: 'DELETE', status: 500, after: true });
  assert.equal((await ask(sandbox, path, { method: 'DELETE' })).status, 500);
  assert.equal((await ask(sandbox, path)).status, 404);
});

test('a delay holds the answer back, and the answer is the usual one', async () => {
  await order({ path: '/v1/users/flags', delay: 150 });
  const begun = performance.now();
  const { status } = await flags();
  assert.equal(status, 200);
  assert.ok(performance.now() - begun >= 145);
});

test('faults can be lifted', async () => {
  await order({ path: '/v1/users/flags', status: 500 });
  await ask(sandbox, '/sandbox/faults', { method: 'DELETE' });
  assert.equal((await flags()).status, 200);
});

test('a fault on everything can still be lifted', async () => {
  await order({ path: '/', status: 500 });
  assert.equal((await ask(sandbox, '/sandbox/faults', { method: 'DELETE' })).status, 204);
});

for (const [what, fault, named] of [
  ['without a path', { status: 500 }, /path/],
  ['that does nothing', { path: '/v1' }, /status, a delay/],
  ['with a status that is none', { path: '/v1', status: 200 }, /status/],
  ['with a field that does not exist', { path: '/v1', status: 500, time: 1 }, /time/],
] as const) {
  test(`a fault ${what} is refused with words that say so`, async () => {
    const { status, body } = await order(fault);
    assert.equal(status, 400);
    assert.match(String(body.message), named);
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

test('a change of a connection that nobody has is not found', async () => {
  const { status } = await post(sandbox, '/sandbox/vault', { id: 'nobody', state: 'failed' });
  assert.equal(status, 404);
});

for (const [what, row, named] of [
  ['of an unknown platform', { platform: 'nonsense' }, /available-connectors/],
  ['with an unknown state', { platform: 'gmail', state: 'tired' }, /state/],
  ['that names neither platform nor connection', { state: 'failed' }, /id or key/],
] as const) {
  test(`a row ${what} is refused with words that say so`, async () => {
    const { status, body } = await post(sandbox, '/sandbox/vault', row);
    assert.equal(status, 400);
    assert.match(String(body.message), named);
  });
}

test('the vault can be looked into without the secret', async () => {
  await post(sandbox, '/sandbox/vault', { platform: 'gmail' });
  const { body } = await ask<{ rows: object[] }>(sandbox, '/sandbox/vault', { secret: null });
  assert.equal(body.rows.length, 1);
});

const page = 'http://127.0.0.1:4000';

/** What a page of this origin is answered, and whether it may read it. */
async function asPage(origin: string, method: string, path = '/sandbox/vault', to = sandbox) {
  const response = await fetch(to.origin + path, {
    method,
    headers: { origin, 'content-type': 'application/json' },
    ...(method === 'POST' && { body: JSON.stringify({ platform: 'gmail' }) }),
  });
  return [response.status, response.headers.get('access-control-allow-origin')];
}

test('pages of the origins named at the start may use the controls, and read the answers', async () => {
  const named = await startSandbox({ trustedOrigins: [page] });
  assert.deepEqual(await asPage(page, 'OPTIONS', '/sandbox/vault', named), [204, page]);
  assert.deepEqual(await asPage(page, 'POST', '/sandbox/vault', named), [201, page]);
  assert.deepEqual(await asPage(page, 'GET', '/sandbox/vault', named), [200, page]);
  await named.close();
});

test('pages of the sandbox’s own origin may use the controls', async () => {
  assert.deepEqual(await asPage(sandbox.origin, 'POST'), [201, null]);
});

for (const origin of ['https://evil.example', page, 'null', 'https://SELF']) {
  test(`pages of ${origin} may neither write nor read`, async () => {
    const foreign = origin.replace('SELF', new URL(sandbox.origin).host);
    for (const method of ['OPTIONS', 'GET', 'POST', 'DELETE']) {
      assert.deepEqual(await asPage(foreign, method), [403, null]);
      assert.deepEqual(await asPage(foreign, method, '/sandbox/faults'), [403, null]);
    }
    const { body } = await ask<{ rows: object[] }>(sandbox, '/sandbox/vault');
    assert.deepEqual(body.rows, []);
  });
}

test('a name that was made to lead to the sandbox is not answered', async () => {
  const statusFor = (host: string) =>
    new Promise<number | undefined>((resolve, reject) => {
      const asked = request(`${sandbox.origin}/sandbox/vault`, { headers: { host } });
      asked.on('response', (response) => resolve(response.resume().statusCode));
      asked.on('error', reject);
      asked.end();
    });
  assert.equal(await statusFor('evil.example'), 421);
  assert.equal(await statusFor('localhost:1'), 200);
});
