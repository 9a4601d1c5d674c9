import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, before, suite, test } from 'node:test';
import type { Backend } from '../../demo/backend/server.js';
import { ask, startTestBackend } from './test-backend.js';

suite('requests', () => {
  let backend: Backend;

  before(async () => {
    backend = await startTestBackend({
      pageConfig: { baseUrl: 'https://authkit.example' },
      staticFolders: { '/': import.meta.dirname, '/deeper': `${import.meta.dirname}/../../src` },
    });
  });
  after(() => backend.close());

  for (const path of ['/api/connections', '/api/session', '/api/authkit/token']) {
    test(`to ${path} have a size limit`, async () => {
      const body = { filler: 'x'.repeat(16 * 1024) };
      const { status, json } = await ask(backend, 'POST', path, { user: 'one', body });
      assert.equal(status, 413);
      assert.equal(json.error, 'request-too-large');
      assert.equal(typeof json.message, 'string');
    });
  }

  test('have a size limit also when they do not say how large they are', async () => {
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const headers = { 'content-type': 'application/json', 'x-user-id': 'one' };
      const chunked = request(`${backend.origin}/api/connections`, { method: 'POST', headers });
      chunked.on('response', (response) => resolve(response.resume().statusCode));
      chunked.on('error', reject);
      for (let i = 0; i < 5; i++) chunked.write('x'.repeat(4 * 1024));
      chunked.end();
    });
    assert.equal(status, 413);
  });

  for (const body of ['{', '', 'nonsense', '{"platform": "a"} b']) {
    test(`that are no JSON are refused: ${body || 'an empty one'}`, async () => {
      const response = await fetch(`${backend.origin}/api/connections`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-user-id': 'one' },
        body,
      });
      assert.equal(response.status, 400);
      const answer = (await response.json()) as Record<string, unknown>;
      assert.equal(answer.error, 'request-invalid');
      assert.match(String(answer.message), /JSON/);
    });
  }

  for (const body of [null, [], 'text', 7]) {
    test(`with JSON that is no object are refused: ${JSON.stringify(body)}`, async () => {
      const { status, json } = await ask(backend, 'POST', '/api/connections', {
        user: 'one',
        body,
      });
      assert.equal(status, 400);
      assert.equal(json.error, 'body-invalid');
    });
  }

  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/jsonish']) {
    test(`of type ${type} are refused`, async () => {
      const headers = { 'content-type': type };
      const answer = await ask(backend, 'POST', '/api/connections', {
        user: 'one',
        headers,
        body: {},
      });
      assert.equal(answer.status, 415);
    });
  }

  for (const [method, path] of [
    ['POST', '/api/connections'],
    ['DELETE', '/api/connections/key'],
    ['POST', '/api/session'],
    ['DELETE', '/api/session'],
  ] as const) {
    for (const origin of ['https://elsewhere.example', 'http://127.0.0.1:9', 'null']) {
      test(`${method} ${path} from a page of ${origin} is refused`, async () => {
        const body = method === 'POST' ? { body: { user: 'ada' } } : {};
        const answer = await ask(backend, method, path, {
          user: 'one',
          headers: { origin },
          ...body,
        });
        assert.equal(answer.status, 403);
        assert.equal(answer.json.error, 'origin-refused');
        assert.equal(answer.headers.get('set-cookie'), null);
        assert.equal(answer.headers.get('access-control-allow-origin'), null);
      });
    }
  }

  test("from the site's own page are taken", async () => {
    const answer = await ask(backend, 'POST', '/api/connections', {
      user: 'one',
      headers: { origin: backend.origin },
      body: { platform: 'gmail', connection_key: 'own-page' },
    });
    assert.equal(answer.status, 201);
  });

  test('to the API that nobody answers are 404 as JSON', async () => {
    const { status, json } = await ask(backend, 'GET', '/api/nothing');
    assert.equal(status, 404);
    assert.equal(json.error, 'not-found');
  });

  test("for the page's settings are answered with them", async () => {
    const { status, json } = await ask(backend, 'GET', '/api/config');
    assert.equal(status, 200);
    assert.deepEqual(json, { baseUrl: 'https://authkit.example' });
  });

  test('for files are answered from the folder of the longest prefix', async () => {
    const own = await ask(backend, 'GET', '/requests.test.ts');
    assert.equal(own.status, 200);
    assert.match(own.text, /from the folder of the longest prefix/);
    assert.equal(own.headers.get('cache-control'), 'no-cache');
    assert.equal((await ask(backend, 'GET', '/deeper/errors.ts')).status, 200);
    assert.equal((await ask(backend, 'GET', '/missing.html')).status, 404);
  });

  test('reach no file outside the folders', async () => {
    for (const path of ['/..%2f..%2fpackage.json', '/%2e%2e/%2e%2e/package.json', '//etc/passwd']) {
      assert.equal((await ask(backend, 'GET', path)).status, 404, path);
    }
  });

  test('get headers that let AuthKit open its sign-in popup', async () => {
    const { headers } = await ask(backend, 'GET', '/requests.test.ts');
    assert.equal(headers.get('cross-origin-opener-policy'), 'same-origin-allow-popups');
    assert.equal(headers.get('cross-origin-resource-policy'), 'cross-origin');
    assert.equal(headers.get('x-content-type-options'), 'nosniff');
  });

  test('to the API are never cached, and no other site can embed the answer', async () => {
    const { headers } = await ask(backend, 'GET', '/api/connections', { user: 'one' });
    assert.equal(headers.get('cache-control'), 'no-store');
    assert.equal(headers.get('cross-origin-resource-policy'), 'same-origin');
  });
});
