import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import type { Backend } from '../../demo/app/backend/server.js';
import { ask, startTestBackend } from './test-backend.js';

suite('signing in', () => {
  let backend: Backend;

  before(async () => {
    backend = await startTestBackend();
  });
  after(() => backend.close());

  async function signIn(user: string): Promise<string> {
    const { headers } = await ask(backend, 'POST', '/api/session', { body: { user } });
    return headers.get('set-cookie') ?? '';
  }
  const cookieOf = async (user: string) => (await signIn(user)).split(';')[0] ?? '';

  test('sets a cookie that scripts and other sites cannot use', async () => {
    const cookie = await signIn('ada');
    assert.match(cookie, /; HttpOnly/);
    assert.match(cookie, /; SameSite=Lax/);
    assert.match(cookie, /; Path=\//);
  });

  test('is remembered', async () => {
    const headers = { cookie: await cookieOf('grace') };
    const { json } = await ask(backend, 'GET', '/api/session', { headers });
    assert.deepEqual(json.user, { id: 'grace', name: 'Grace Hopper' });
  });

  test('is not required to list the users', async () => {
    const { status, json } = await ask(backend, 'GET', '/api/session');
    assert.equal(status, 200);
    assert.equal(json.user, null);
    assert.equal((json.users as unknown[]).length, 2);
  });

  test('decides whose connections are listed', async () => {
    const ada = { cookie: await cookieOf('ada') };
    const body = { platform: 'gmail', connection_key: 'of-ada' };
    assert.equal(
      (await ask(backend, 'POST', '/api/connections', { headers: ada, body })).status,
      202,
    );
    const hers = await ask(backend, 'GET', '/api/connections', { headers: ada });
    assert.equal((hers.json.rows as unknown[]).length, 1);
    const grace = { cookie: await cookieOf('grace') };
    const others = await ask(backend, 'GET', '/api/connections', { headers: grace });
    assert.deepEqual(others.json, { rows: [] });
  });

  test('does not accept a cookie with another signature', async () => {
    const cookie = (await cookieOf('ada')).replace('=ada.', '=grace.');
    assert.match(cookie, /=grace\./);
    const { status } = await ask(backend, 'GET', '/api/connections', { headers: { cookie } });
    assert.equal(status, 401);
  });

  test('refuses an unknown user', async () => {
    const { status, json, headers } = await ask(backend, 'POST', '/api/session', {
      body: { user: 'mallory' },
    });
    assert.equal(status, 400);
    assert.match(String(json.message), /^user: /);
    assert.equal(headers.get('set-cookie'), null);
  });

  test('ends with DELETE', async () => {
    const { status, headers } = await ask(backend, 'DELETE', '/api/session');
    assert.equal(status, 204);
    assert.match(headers.get('set-cookie') ?? '', /Max-Age=0/);
  });
});
