import assert from 'node:assert/strict';
import { after, afterEach, before, suite, test } from 'node:test';
import type { Backend } from '../../demo/app/backend/server.js';
import { gmail, startPica, type PicaStandIn } from './pica-stand-in.js';
import { ask, authkitOrigin, unreachableOrigin, startTestBackend } from './test-backend.js';

const endpoint = '/api/authkit/token';

suite('the token endpoint', () => {
  let pica: PicaStandIn;
  let backend: Backend;

  before(async () => {
    pica = await startPica();
    backend = await startTestBackend({ picaApi: `${pica.origin}/` });
  });
  afterEach(() => pica.reset());
  after(async () => {
    await backend.close();
    await pica.close();
  });

  test('returns what AuthKitToken creates, unwrapped', async () => {
    const { status, json } = await ask(backend, 'POST', endpoint, { user: 'user-1' });
    assert.equal(status, 200);
    assert.deepEqual(json, {
      rows: [gmail],
      total: 1,
      pages: 1,
      page: 1,
      requestId: 42,
      isWhiteLabel: true,
    });
  });

  test('returns the rows of all pages', async () => {
    pica.answers.set('/v1/authkit', ({ query }) => {
      const page = Number(query.page);
      return Response.json({ rows: [{ ...gmail, id: page }], total: 2, pages: 2, page });
    });
    const { json } = await ask(backend, 'POST', endpoint, { user: 'user-1' });
    assert.deepEqual(json.rows, [
      { ...gmail, id: 1 },
      { ...gmail, id: 2 },
    ]);
  });

  test('passes on the token of an older Pica endpoint', async () => {
    const token = { token: 'abc', expiresAt: 1_900_000_000_000, pages: 1 };
    pica.answers.set('/v1/authkit', () => Response.json(token));
    const { status, json } = await ask(backend, 'POST', endpoint, { user: 'user-1' });
    assert.equal(status, 200);
    assert.equal(json.token, 'abc');
  });

  test("sends Pica the credential's user, with the identity type user", async () => {
    await ask(backend, 'POST', endpoint, { user: 'user-1' });
    assert.deepEqual(pica.received.at(-1)?.body, { identity: 'user-1', identityType: 'user' });
  });

  test('sends Pica the user of the session', async () => {
    const signedIn = await ask(backend, 'POST', '/api/session', { body: { user: 'ada' } });
    const cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? '';
    await ask(backend, 'POST', endpoint, { user: 'ada', headers: { cookie } });
    assert.deepEqual(pica.received.at(-1)?.body, { identity: 'ada', identityType: 'user' });
  });

  test('refuses a credential that is not for the user of the session', async () => {
    const signedIn = await ask(backend, 'POST', '/api/session', { body: { user: 'ada' } });
    const cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? '';
    const requestsBefore = pica.received.length;
    const { status, json } = await ask(backend, 'POST', endpoint, {
      user: 'grace',
      headers: { cookie },
    });
    assert.equal(status, 409);
    assert.equal(json.error, 'user-mismatch');
    assert.equal(pica.received.length, requestsBefore);
  });

  test('takes the identity type from the server, no matter what the request says', async () => {
    const headers = { 'x-identity-type': 'team' };
    await ask(backend, 'POST', endpoint, { user: 'one', headers });
    assert.deepEqual(pica.received.at(-1)?.body, { identity: 'one', identityType: 'user' });
  });

  test('returns 401 with a reason if there is no user', async () => {
    const { status, json } = await ask(backend, 'POST', endpoint);
    assert.equal(status, 401);
    assert.equal(json.error, 'user-missing');
    assert.equal(typeof json.message, 'string');
    assert.equal(pica.received.length, 0);
  });

  for (const user of ['two words', 'a:b', 'x'.repeat(129)]) {
    test(`refuses the user id "${user.slice(0, 12)}"`, async () => {
      const { status, json } = await ask(backend, 'POST', endpoint, { user });
      assert.equal(status, 400);
      assert.equal(json.error, 'user-invalid');
    });
  }

  test("lets AuthKit's origin send any headers", async () => {
    const { status, headers } = await ask(backend, 'OPTIONS', endpoint, {
      headers: {
        origin: authkitOrigin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type,x-tenant,x-user-id',
      },
    });
    assert.equal(status, 204);
    assert.equal(headers.get('access-control-allow-origin'), authkitOrigin);
    assert.equal(headers.get('access-control-allow-headers'), 'content-type,x-tenant,x-user-id');
    assert.match(headers.get('access-control-allow-methods') ?? '', /POST/);
    assert.match(headers.get('vary') ?? '', /Origin/);
    assert.equal(headers.get('access-control-max-age'), '600');
    assert.equal(headers.get('access-control-allow-credentials'), null);
    assert.equal(headers.get('access-control-allow-private-network'), null);
  });

  test('lets a public page reach it on a private address', async () => {
    const { headers } = await ask(backend, 'OPTIONS', endpoint, {
      headers: {
        origin: authkitOrigin,
        'access-control-request-method': 'POST',
        'access-control-request-private-network': 'true',
      },
    });
    assert.equal(headers.get('access-control-allow-private-network'), 'true');
  });

  test('sends the CORS header with errors, so that AuthKit can read them', async () => {
    const { headers } = await ask(backend, 'POST', endpoint, {
      headers: { origin: authkitOrigin },
    });
    assert.equal(headers.get('access-control-allow-origin'), authkitOrigin);
  });

  test('sends the CORS header if the request is too large', async () => {
    const { status, headers } = await ask(backend, 'POST', endpoint, { body: 'x'.repeat(20_000) });
    assert.equal(status, 413);
    assert.equal(headers.get('access-control-allow-origin'), authkitOrigin);
  });

  test('never allows another origin', async () => {
    const headers = { origin: 'https://elsewhere.example' };
    const answer = await ask(backend, 'POST', endpoint, { user: 'one', headers });
    assert.equal(answer.headers.get('access-control-allow-origin'), authkitOrigin);
  });

  for (const method of ['GET', 'HEAD', 'PUT']) {
    test(`answers ${method} with 405 and the allowed methods`, async () => {
      const { status, headers } = await ask(backend, method, endpoint, { user: 'one' });
      assert.equal(status, 405);
      assert.equal(headers.get('allow'), 'POST, OPTIONS');
    });
  }

  test('reports that Pica refuses the key', async () => {
    const misconfiguredBackend = await startTestBackend({
      picaApi: pica.origin,
      picaSecret: 'sk_test_wrong',
    });
    const { status, json, text } = await ask(misconfiguredBackend, 'POST', endpoint, {
      user: 'one',
    });
    await misconfiguredBackend.close();
    assert.equal(status, 502);
    assert.equal(json.error, 'pica-unauthorized');
    assert.match(String(json.message), /Unauthorized/);
    assert.match(String(json.hint), /PICA_SECRET_KEY/);
    assert.doesNotMatch(text, /sk_test_wrong/);
  });

  test('reports that Pica cannot be reached', async () => {
    const isolatedBackend = await startTestBackend({ picaApi: unreachableOrigin });
    const { status, json } = await ask(isolatedBackend, 'POST', endpoint, { user: 'one' });
    await isolatedBackend.close();
    assert.equal(status, 502);
    assert.equal(json.error, 'pica-unreachable');
    assert.match(String(json.hint), /127\.0\.0\.1:1/);
  });

  const html = () =>
    new Response('<!doctype html><title>Proxy</title>', {
      headers: { 'content-type': 'text/html' },
    });
  const invalidAnswers: Record<string, () => Response> = {
    'a web page': html,
    'a web page with status 404': () => new Response('<h1>Sorry</h1>', { status: 404 }),
    'an object of another shape': () => Response.json({ data: {}, pages: 1 }),
    'rows that are null': () => Response.json({ rows: [null], pages: 1 }),
  };
  for (const [what, answer] of Object.entries(invalidAnswers)) {
    test(`does not take ${what} for a token`, async () => {
      pica.answers.set('/v1/authkit', answer);
      const { status, json } = await ask(backend, 'POST', endpoint, { user: 'one' });
      assert.equal(status, 502);
      assert.equal(json.error, 'pica-answer-invalid');
    });
  }

  for (const [what, body] of Object.entries({
    'a web page': '<h1>Sorry</h1>',
    'an empty body': null,
    'an error': JSON.stringify({ type: 'Internal' }),
  })) {
    test(`passes on Retry-After if Pica fails with ${what}`, async () => {
      const headers = { 'retry-after': '7', 'content-type': 'application/json' };
      pica.answers.set('/v1/authkit', () => new Response(body, { status: 503, headers }));
      const answer = await ask(backend, 'POST', endpoint, { user: 'one' });
      assert.equal(answer.status, 502);
      assert.equal(answer.json.error, 'pica-error');
      assert.equal(answer.headers.get('retry-after'), '7');
    });
  }

  test('does not repeat the request for a page after 429', async () => {
    pica.answers.set('/v1/authkit', ({ query }) =>
      query.page === '1'
        ? Response.json({ rows: [gmail], total: 2, pages: 2, page: 1 })
        : new Response(null, { status: 429, headers: { 'retry-after': '7' } }),
    );
    const { status, headers } = await ask(backend, 'POST', endpoint, { user: 'one' });
    assert.deepEqual([status, headers.get('retry-after')], [429, '7']);
    assert.equal(pica.received.filter(({ query }) => query.page === '2').length, 1);
  });

  test('does not request all pages if Pica counts a million', async () => {
    pica.answers.set('/v1/authkit', () =>
      Response.json({ rows: [gmail], total: 1, pages: 1_000_000, page: 1 }),
    );
    const { status, json } = await ask(backend, 'POST', endpoint, { user: 'one' });
    assert.deepEqual([status, json.error], [502, 'pica-answer-invalid']);
    assert.equal(pica.received.length, 2);
  });

  test("passes on the reason of Pica's other errors", async () => {
    const error = { type: 'BadRequest', message: 'identity is too long' };
    pica.answers.set('/v1/authkit', () => Response.json(error, { status: 400 }));
    const { status, json } = await ask(backend, 'POST', endpoint, { user: 'one' });
    assert.equal(status, 502);
    assert.equal(json.error, 'pica-error');
    assert.match(String(json.message), /BadRequest: identity is too long/);
  });

  test('still returns a token if only the white-label flag cannot be read', async () => {
    pica.answers.set('/v1/users/flags', () => new Response(null, { status: 500 }));
    const { status, json } = await ask(backend, 'POST', endpoint, { user: 'one' });
    assert.equal(status, 200);
    assert.equal(json.isWhiteLabel, false);
  });

  test('gives up if Pica does not answer within ten seconds', async () => {
    pica.answers.set('/v1/authkit', () => new Promise(() => undefined));
    const { status, json, headers } = await ask(backend, 'POST', endpoint, { user: 'one' });
    assert.equal(status, 504);
    assert.equal(json.error, 'pica-timeout');
    assert.equal(headers.get('access-control-allow-origin'), authkitOrigin);
  });
});
