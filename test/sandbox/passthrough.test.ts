import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startSandbox, type Sandbox } from '../../demo/sandbox/server.js';
import { ask, post } from './requests.js';

let sandbox: Sandbox;
before(async () => {
  sandbox = await startSandbox();
});
after(() => sandbox.close());

const newKey = async (row: object = {}) => {
  const { body } = await post(sandbox, '/sandbox/vault', { platform: 'gmail', ...row });
  return String(body.key);
};

test('the answer describes the request to the integration', async () => {
  const { status, body } = await ask(sandbox, '/v1/passthrough/users/me/messages?max=2', {
    method: 'POST',
    headers: { 'x-pica-connection-key': await newKey(), 'x-pica-action-id': 'conn_mod_def::1' },
    body: { q: 'hello' },
  });
  assert.equal(status, 200);
  assert.deepEqual(body, {
    sandbox: true,
    platform: 'gmail',
    request: {
      method: 'POST',
      path: '/users/me/messages',
      query: { max: '2' },
      body: { q: 'hello' },
      actionId: 'conn_mod_def::1',
    },
  });
});

test('a request without a connection key is refused', async () => {
  assert.equal((await ask(sandbox, '/v1/passthrough/x')).status, 400);
});

test('an unknown connection key is not found', async () => {
  const headers = { 'x-pica-connection-key': 'test::gmail::default::0' };
  assert.equal((await ask(sandbox, '/v1/passthrough/x', { headers })).status, 404);
});

test('a request with a failed connection is refused', async () => {
  const headers = { 'x-pica-connection-key': await newKey({ state: 'failed' }) };
  assert.equal((await ask(sandbox, '/v1/passthrough/x', { headers })).status, 403);
});

test('a degraded connection still works', async () => {
  const headers = { 'x-pica-connection-key': await newKey({ state: 'degraded' }) };
  assert.equal((await ask(sandbox, '/v1/passthrough/x', { headers })).status, 200);
});
