import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { describe, it } from 'node:test';
import {
  authkitOrigin,
  confirmed,
  connectionOf,
  connectionsPath,
  credentialFor,
  tokenPath,
  type BackendUnderTest,
} from './backend-under-test.js';
import { faults, keyOf, expectedErrors } from './pica-stand-in.js';

const user = 'dora';
const now = () => Math.floor(Date.now() / 1000);

/** Invalid credentials that an attacker could make or find, by description. */
function forgeries(purpose: 'token' | 'connections', secret: string): Record<string, string> {
  const otherPurpose = purpose === 'token' ? 'connections' : 'token';
  const genuine = credentialFor(purpose, user, secret);
  const sign = (signed: string, key = secret) =>
    `${signed}.${createHmac('sha256', key).update(signed).digest('hex')}`;
  const [, , expires = '', signature = ''] = genuine.split('.');
  return {
    missing: '',
    'the string "undefined"': 'Bearer undefined',
    'only a user’s id': `Bearer ${user}`,
    'signed with another secret': `Bearer ${credentialFor(purpose, user, 'guessed')}`,
    'signed with an empty secret': `Bearer ${sign(`${purpose}.${user}.${expires}`, '')}`,
    expired: `Bearer ${credentialFor(purpose, user, secret, -60)}`,
    'for another purpose': `Bearer ${credentialFor(otherPurpose, user, secret)}`,
    'for an unknown purpose': `Bearer ${sign(`${purpose}s.${user}.${expires}`)}`,
    'without a purpose': `Bearer ${sign(`${user}.${expires}`)}`,
    'without a user': `Bearer ${sign(`${purpose}..${expires}`)}`,
    'without an expiry': `Bearer ${sign(`${purpose}.${user}.`)}`,
    'valid until Infinity': `Bearer ${sign(`${purpose}.${user}.Infinity`)}`,
    'changed to another user': `Bearer ${purpose}.eve.${expires}.${signature}`,
    'changed to a later expiry': `Bearer ${purpose}.${user}.${now() + 9000}.${signature}`,
    'without a signature': `Bearer ${purpose}.${user}.${expires}.`,
    'with a truncated signature': `Bearer ${genuine.slice(0, -2)}`,
    'with an extended signature': `Bearer ${genuine}00`,
    'with a signature that isn’t hexadecimal': `Bearer ${purpose}.${user}.${expires}.${'z'.repeat(64)}`,
  };
}

export function testCredentials(getBackend: () => BackendUnderTest): void {
  for (const name of Object.keys(forgeries('token', 'any'))) {
    const headersFor = (purpose: 'token' | 'connections'): Record<string, string> => {
      const authorization = forgeries(purpose, getBackend().credentialSecret)[name] ?? '';
      return authorization === '' ? {} : { authorization };
    };

    it(`returns no token but CORS headers for an invalid credential (${name})`, async () => {
      const { status, headers } = await getBackend().requestToken(headersFor('token'));
      assert.equal(status, 401);
      assert.equal(headers.get('access-control-allow-origin'), authkitOrigin);
    });

    it(`lists, stores and deletes nothing for an invalid credential (${name})`, async () => {
      const backend = getBackend();
      const headers = headersFor('connections');
      const gmail = backend.connect(user);
      const gmailPath = `${connectionsPath}/${encodeURIComponent(gmail.connection_key)}`;
      const responses = await Promise.all([
        backend.request(connectionsPath, { headers }),
        backend.request(connectionsPath, { method: 'POST', headers, body: gmail }),
        backend.request(gmailPath, { method: 'DELETE', headers }),
      ]);
      assert.deepEqual(
        responses.map(({ status }) => status),
        [401, 401, 401],
      );
    });
  }

  it('reads at most 16 KiB of a request without a credential', async () => {
    const { status } = await getBackend().request(connectionsPath, {
      method: 'POST',
      headers: { 'content-type': 'application/json', connection: 'close' },
      bytes: encode(`${' '.repeat(200_000)}{}`),
    });
    assert.ok([401, 413].includes(status), `status ${status}`);
  });

  it('accepts users whose ids contain dots', async () => {
    const backend = getBackend();
    const dotted = 'connections.ada@example.com.9999999999';
    const { status } = await backend.store(dotted, backend.connect(dotted));
    assert.equal(status, 201);
    assert.deepEqual(await backend.rowsOf(dotted), [confirmed(keyOf(dotted))]);
    assert.deepEqual(await backend.rowsOf('ada@example.com'), []);
  });
}

const encode = (text: string) => new TextEncoder().encode(text);

export function testRequests(getBackend: () => BackendUnderTest): void {
  const types = [
    'text/plain',
    'text/plain; application/json',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=application/json',
    'application/jsonp',
    undefined,
  ];
  for (const type of types) {
    // Any site can send a request of these types, without a preflight.
    it(`rejects a connection with ${type === undefined ? 'no content type' : `the content type ${type}`}`, async () => {
      const backend = getBackend();
      const gmail = backend.connect('erin');
      const { status } = await backend.request(connectionsPath, {
        method: 'POST',
        user: 'erin',
        headers: type === undefined ? {} : { 'content-type': type },
        bytes: encode(JSON.stringify(gmail)),
      });
      assert.equal(status, 415);
      assert.deepEqual(await backend.rowsOf('erin'), []);
    });
  }

  it('accepts a content type with a charset', async () => {
    const backend = getBackend();
    const { status } = await backend.request(connectionsPath, {
      method: 'POST',
      user: 'frank',
      headers: { 'content-type': 'application/json; charset=utf-8' },
      bytes: encode(JSON.stringify(backend.connect('frank'))),
    });
    assert.equal(status, 201);
  });

  describe('limits a body to 16 KiB', () => {
    const post = (bytes: Uint8Array<ArrayBuffer> | ReadableStream) =>
      getBackend().request(connectionsPath, {
        method: 'POST',
        user: 'large',
        // A server may close the connection if it doesn't read the whole body.
        headers: { 'content-type': 'application/json', connection: 'close' },
        bytes,
      });
    const bodyOf = (length: number) => {
      const text = JSON.stringify(getBackend().connect('large'));
      // Some characters are two bytes long.
      return encode(text.padEnd(length - (encode(text).length - text.length)));
    };

    it('and rejects a longer one', async () => {
      assert.equal((await post(bodyOf(16_385))).status, 413);
      assert.equal((await post(bodyOf(200_000))).status, 413);
      assert.deepEqual(await getBackend().rowsOf('large'), []);
    });

    it('and rejects a longer one without a content length', async () => {
      assert.equal((await post(new Blob([bodyOf(17_000)]).stream())).status, 413);
      assert.deepEqual(await getBackend().rowsOf('large'), []);
    });

    it('and accepts one of exactly that size', async () => {
      assert.ok((await post(bodyOf(16_384))).status < 300);
    });
  });

  it('deletes keys with slashes and dots exactly', async () => {
    const backend = getBackend();
    const keys = [
      ...['live::x::https://idp/u//1', 'live::x::https:/idp/u/1', 'live::x::https://idp/u/1'],
      ...['a/../B', 'B', 'a%2F..%2FB', 'a/B', 'a/./B', 'a//B', '/B', 'B/', '../B', '.../B', 'a..B'],
    ];
    for (const key of keys) {
      assert.equal((await backend.store('slash', backend.connect('slash', key))).status, 201, key);
    }
    while (keys.length > 0) {
      const key = keys.shift() ?? '';
      assert.equal((await backend.delete('slash', key)).status, 204, key);
      const remaining = (await backend.rowsOf('slash')).map(({ connection_key }) => connection_key);
      assert.deepEqual(remaining.sort(), [...keys].sort(), key);
    }
  });

  const valid = connectionOf(keyOf('gina'));
  const bodies = {
    'an empty object': {},
    'an object without a key': { platform: 'gmail' },
    'an array': [],
    'an array of connections': [valid],
    'a string': 'gmail',
    'a number': 1,
    null: null,
    true: true,
    'a key that is an array': { ...valid, connection_key: [valid.connection_key] },
    'a key that is an object': { ...valid, connection_key: { $ne: '' } },
    'a key that is a number': { ...valid, connection_key: 1 },
    'an empty key': { ...valid, connection_key: '' },
    'a key of 5000 characters': { ...valid, connection_key: 'k'.repeat(5000) },
    'a platform that is an array': { ...valid, platform: ['gmail'] },
    'an environment that is an object': { ...valid, environment: {} },
    'a state that is a number': { ...valid, state: 0 },
    'a name that is an array': { ...valid, name: ['Mine'] },
  };
  for (const [name, body] of Object.entries(bodies)) {
    it(`rejects an invalid connection (${name})`, async () => {
      const backend = getBackend();
      backend.connect('gina');
      const { status, text } = await backend.store('gina', body);
      assert.ok(status >= 400 && status < 500, `${status}: ${text}`);
      assert.deepEqual(await backend.rowsOf('gina'), []);
    });
  }

  const stackTrace = /Traceback|\.(m?js|py|rb|php|go):\d|at .+:\d+:\d+|\/tmp\//;

  it('reveals no internals in its response to invalid JSON', async () => {
    const { status, text } = await getBackend().request(connectionsPath, {
      method: 'POST',
      user: 'gina',
      headers: { 'content-type': 'application/json' },
      bytes: encode('{"platform": "gm'),
    });
    assert.ok(status >= 400 && status < 500, `${status}: ${text}`);
    assert.doesNotMatch(text, stackTrace);
  });

  it('responds to unknown paths and methods with JSON or an empty body', async () => {
    const backend = getBackend();
    const unknownEndpoints: [method: string, path: string][] = [
      ['PUT', connectionsPath],
      ['PATCH', connectionsPath],
      ['DELETE', connectionsPath],
      ['PUT', tokenPath],
      ['GET', `${connectionsPath}/${encodeURIComponent(keyOf('gina'))}`],
      // Next.js responds with its own page.
      ...(backend.name === 'next' ? [] : [['GET', '/api/nothing'] as [string, string]]),
    ];
    for (const [method, path] of unknownEndpoints) {
      const { status, text } = await backend.request(path, { method, user: 'gina' });
      assert.ok(status >= 400 && status < 500, `${method} ${path}: ${status}`);
      if (text !== '') assert.doesNotThrow(() => JSON.parse(text), text);
    }
  });

  it('reveals no internals in its response to an incorrectly encoded path', async () => {
    const { status, text } = await getBackend().request(`${connectionsPath}/%E0%A4%A`, {
      method: 'DELETE',
      user: 'gina',
    });
    // Next.js itself responds with 500.
    assert.ok(status >= 400, `status ${status}`);
    assert.doesNotMatch(text, stackTrace);
  });

  it('does not reveal the secret key if Pica returns no flags', async () => {
    const backend = getBackend();
    for (const fault of faults.filter((name) => expectedErrors[name].status !== 504)) {
      backend.pica.flagsFault = fault;
      const { status } = await backend.requestToken(backend.credential('token', 'dora'));
      // A token can do without flags: they only decide whose logo AuthKit shows.
      assert.ok([200, expectedErrors[fault].status].includes(status), `${fault}: ${status}`);
    }
    backend.pica.flagsFault = undefined;
  });

  it('does not reveal an invalid secret key', async () => {
    const backend = getBackend();
    const { secret } = backend.pica;
    // Text editors and secret files can add these characters.
    for (const malformed of [`${secret}\n`, `${secret}\r\nX-Other: 1`, `“${secret}”`]) {
      await backend.start({ PICA_SECRET_KEY: malformed });
      const { status } = await backend.requestToken(backend.credential('token', 'dora'));
      assert.ok([200, 502].includes(status), `${JSON.stringify(malformed)}: ${status}`);
    }
    await backend.start({ PICA_SECRET_KEY: 'sk_test_wrong' });
    const { status, text } = await backend.requestToken(backend.credential('token', 'dora'));
    assert.equal(status, 502);
    assert.doesNotMatch(text, /sk_test_wrong/);
    await backend.start();
  });

  it('sends CORS headers only for AuthKit’s origin, and only at the token endpoint', async () => {
    const backend = getBackend();
    const { headers } = await backend.request(tokenPath, {
      method: 'POST',
      headers: { origin: 'https://evil.example', ...backend.credential('token', 'dora') },
      body: {},
    });
    assert.notEqual(headers.get('access-control-allow-origin'), 'https://evil.example');
    assert.notEqual(headers.get('access-control-allow-origin'), '*');
    const responses = await Promise.all(
      ['GET', 'OPTIONS'].map((method) =>
        backend.request(connectionsPath, {
          method,
          user: 'dora',
          headers: { origin: authkitOrigin },
        }),
      ),
    );
    for (const { headers } of responses) {
      assert.equal(headers.get('access-control-allow-origin'), null);
    }
  });
}
