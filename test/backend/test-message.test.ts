import assert from 'node:assert/strict';
import { after, afterEach, before, suite, test } from 'node:test';
import type { Backend } from '../../demo/app/backend/server.js';
import { comparableResponse } from './comparable-response.js';
import { secret, startPica, type PicaStandIn } from './pica-stand-in.js';
import { ask, startTestBackend } from './test-backend.js';

const endpoint = '/api/connections';
const pathOf = (key: string) => `${endpoint}/${encodeURIComponent(key)}`;

suite('a test message', () => {
  let pica: PicaStandIn;
  let backend: Backend;

  before(async () => {
    pica = await startPica();
    backend = await startTestBackend({ picaApi: pica.origin });
  });
  afterEach(() => pica.reset());
  after(async () => {
    await backend.close();
    await pica.close();
  });

  const save = (user: string, key: string) => {
    pica.addToVault(user, key);
    const body = { platform: 'gmail', connection_key: key };
    return ask(backend, 'POST', endpoint, { user, body });
  };
  const send = (user: string, key: string, headers = {}) =>
    ask(backend, 'POST', `${pathOf(key)}/test`, { user, headers, body: {} });
  const messages = () => pica.received.filter(({ path }) => path.startsWith('/v1/passthrough'));
  const passthrough = '/v1/passthrough/test-message';

  test('is sent through Pica with the stored key and the secret key', async () => {
    const key = 'test::gmail::default::1|ada';
    await save('ada', key);
    pica.answers.set(passthrough, () => Response.json({ private: 'mail' }));
    const { status, json } = await send('ada', key);
    assert.equal(status, 200);
    assert.deepEqual(json, { platform: 'gmail', status: 200 });
    const [message, ...others] = messages();
    assert.deepEqual(others, []);
    assert.equal(message?.method, 'POST');
    assert.equal(message.connectionKey, key);
    assert.equal(message.secret, secret);
  });

  test("is not sent over another user's connection, which looks like a missing one", async () => {
    await save('ada', 'of-ada');
    const foreign = await send('grace', 'of-ada');
    const missing = await send('grace', 'of-none');
    assert.equal(foreign.status, 404);
    assert.deepEqual(comparableResponse(foreign), comparableResponse(missing));
    assert.deepEqual(messages(), []);
  });

  test('requires a user', async () => {
    const { status } = await ask(backend, 'POST', `${pathOf('any')}/test`, { body: {} });
    assert.equal(status, 401);
  });

  test('is not sent for a page on another site', async () => {
    await save('ada', 'guarded');
    const { status } = await send('ada', 'guarded', { origin: 'https://elsewhere.example' });
    assert.equal(status, 403);
    assert.deepEqual(messages(), []);
  });

  for (const answered of [401, 403, 404, 500]) {
    test(`is reported as failed if the answer is ${answered}, without the body of the answer`, async () => {
      await save('ada', 'failing');
      pica.answers.set(passthrough, () => new Response('private', { status: answered }));
      const { status, json, text } = await send('ada', 'failing');
      assert.equal(status, 502);
      assert.equal(json.error, 'test-failed');
      assert.match(String(json.message), new RegExp(String(answered)));
      assert.doesNotMatch(text, /private/);
    });
  }
});
