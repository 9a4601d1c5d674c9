import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, before, suite, test } from 'node:test';
import type { Backend } from '../../demo/app/backend/server.js';
import { headersOf } from './credentials.js';
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

  test('have a size limit even if they do not state their size', async () => {
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const headers = { 'content-type': 'application/json', ...headersOf('one') };
      const chunked = request(`${backend.origin}/api/connections`, { method: 'POST', headers });
      chunked.on('response', (response) => resolve(response.resume().statusCode));
      chunked.on('error', reject);
      for (let i = 0; i < 5; i++) chunked.write('x'.repeat(4 * 1024));
      chunked.end();
    });
    assert.equal(status, 413);
  });

  for (const body of ['{', '', 'nonsense', '{"platform": "a"} b']) {
    test(`that are not JSON are refused: ${body || 'an empty body'}`, async () => {
      const response = await fetch(`${backend.origin}/api/connections`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headersOf('one') },
        body,
      });
      assert.equal(response.status, 400);
      const answer = (await response.json()) as Record<string, unknown>;
      assert.equal(answer.error, 'request-invalid');
      assert.match(String(answer.message), /JSON/);
    });
  }

  for (const body of [null, [], 'text', 7]) {
    test(`whose JSON is not an object are refused: ${JSON.stringify(body)}`, async () => {
      const { status, json } = await ask(backend, 'POST', '/api/connections', {
        user: 'one',
        body,
      });
      assert.equal(status, 400);
      assert.equal(json.error, 'body-invalid');
    });
  }

  test('that are neither JSON nor signed in are refused for not being JSON', async () => {
    const headers = { 'content-type': 'text/plain' };
    for (const path of ['/api/connections', '/api/connections/key/test', '/api/credential']) {
      assert.equal((await ask(backend, 'POST', path, { headers, body: {} })).status, 415, path);
    }
  });

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
      test(`from a page of ${origin} are refused: ${method} ${path}`, async () => {
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

  for (const [what, headers] of [
    ['another site', { 'sec-fetch-site': 'cross-site' }],
    ['another origin of this site', { 'sec-fetch-site': 'same-site' }],
    ['another scheme', { origin: 'https://SELF' }],
  ] as const) {
    test(`from ${what} are refused`, async () => {
      const host = new URL(backend.origin).host;
      const headerEntries = Object.entries(headers).map(([name, value]) => [
        name,
        value.replace('SELF', host),
      ]);
      const body = { platform: 'gmail', connection_key: 'elsewhere' };
      const options = {
        user: 'one',
        headers: Object.fromEntries(headerEntries) as Record<string, string>,
        body,
      };
      assert.equal((await ask(backend, 'POST', '/api/connections', options)).status, 403);
      const cookie = await ask(backend, 'POST', '/api/session', { body: { user: 'ada' } });
      const signedIn = {
        headers: {
          ...options.headers,
          cookie: cookie.headers.get('set-cookie')?.split(';')[0] ?? '',
        },
      };
      assert.equal((await ask(backend, 'POST', '/api/authkit/token', signedIn)).status, 403);
    });
  }

  /** The status of a request to this host. */
  const statusFor = (host: string, path = '/api/config', origin = backend.origin) =>
    new Promise<number | undefined>((resolve, reject) => {
      const outgoing = request(origin + path, { headers: { host } });
      outgoing.on('response', (response) => resolve(response.resume().statusCode));
      outgoing.on('error', reject);
      outgoing.end();
    });

  for (const host of ['localhost', 'localhost:9999', '127.0.0.1:80', '[::1]:4000', 'LOCALHOST']) {
    test(`to ${host} are answered`, async () => {
      assert.equal(await statusFor(host), 200);
    });
  }

  for (const host of ['evil.example', 'localhost.evil.example', 'evil.example:80', '0.0.0.0']) {
    test(`to ${host} are refused, because any DNS name can point to this server`, async () => {
      assert.equal(await statusFor(host), 421);
      assert.equal(await statusFor(host, '/requests.test.ts'), 421);
    });
  }

  for (const host of ['evil.example#localhost', 'a@localhost', 'localhost/path']) {
    test(`to the invalid host ${host} are refused`, async () => {
      assert.equal(await statusFor(host), 400);
    });
  }

  test('to a configured host are answered, and so are requests from its pages', async () => {
    const named = await startTestBackend({ origins: ['https://demo.example'] });
    assert.equal(await statusFor('demo.example', '/api/config', named.origin), 200);
    assert.equal(await statusFor('evil.example', '/api/config', named.origin), 421);
    const statusFrom = (origin: string) =>
      new Promise<number | undefined>((resolve, reject) => {
        const headers = { host: 'demo.example', origin, 'content-type': 'application/json' };
        const outgoing = request(`${named.origin}/api/session`, { method: 'POST', headers });
        outgoing.on('response', (response) => resolve(response.resume().statusCode));
        outgoing.on('error', reject);
        outgoing.end(JSON.stringify({ user: 'ada' }));
      });
    assert.equal(await statusFrom('https://demo.example'), 200);
    assert.equal(await statusFrom('http://demo.example'), 403);
    await named.close();
  });

  test('for health and readiness are answered for any host, because load balancers use addresses', async () => {
    assert.equal(await statusFor('10.0.0.7', '/healthz'), 200);
    assert.equal(await statusFor('10.0.0.7', '/readyz'), 200);
  });

  test("from the site's own page are accepted", async () => {
    const answer = await ask(backend, 'POST', '/api/connections', {
      user: 'one',
      headers: { origin: backend.origin },
      body: { platform: 'gmail', connection_key: 'own-page' },
    });
    assert.equal(answer.status, 202);
  });

  test('to unknown paths of the API get 404 as JSON', async () => {
    const { status, json } = await ask(backend, 'GET', '/api/nothing');
    assert.equal(status, 404);
    assert.equal(json.error, 'not-found');
  });

  test("to /api/config return the page's settings", async () => {
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

  test('cannot reach files outside the folders', async () => {
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

  test('to the API have answers that are never cached and that no other site can embed', async () => {
    const { headers } = await ask(backend, 'GET', '/api/connections', { user: 'one' });
    assert.equal(headers.get('cache-control'), 'no-store');
    assert.equal(headers.get('cross-origin-resource-policy'), 'same-origin');
  });
});
