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
import { faults, keyOf, refusals } from './pica-stand-in.js';

const user = 'dora';
const now = () => Math.floor(Date.now() / 1000);

/** Credentials that somebody without the secret can make or find, by what they are. */
function forgeries(purpose: 'token' | 'connections', secret: string): Record<string, string> {
  const other = purpose === 'token' ? 'connections' : 'token';
  const genuine = credentialFor(purpose, user, secret);
  const sign = (signed: string, key = secret) =>
    `${signed}.${createHmac('sha256', key).update(signed).digest('hex')}`;
  const [, , expires = '', signature = ''] = genuine.split('.');
  return {
    missing: '',
    'a script’s mistake': 'Bearer undefined',
    'a user’s name alone': `Bearer ${user}`,
    'made with another secret': `Bearer ${credentialFor(purpose, user, 'guessed')}`,
    'made without a secret': `Bearer ${sign(`${purpose}.${user}.${expires}`, '')}`,
    'past its time': `Bearer ${credentialFor(purpose, user, secret, -60)}`,
    'for another purpose': `Bearer ${credentialFor(other, user, secret)}`,
    'for a purpose that there is not': `Bearer ${sign(`${purpose}s.${user}.${expires}`)}`,
    'for no purpose': `Bearer ${sign(`${user}.${expires}`)}`,
    'for nobody': `Bearer ${sign(`${purpose}..${expires}`)}`,
    'without an end': `Bearer ${sign(`${purpose}.${user}.`)}`,
    'with an end that is no number': `Bearer ${sign(`${purpose}.${user}.Infinity`)}`,
    'another user’s': `Bearer ${purpose}.eve.${expires}.${signature}`,
    'prolonged by its holder': `Bearer ${purpose}.${user}.${now() + 9000}.${signature}`,
    'without its signature': `Bearer ${purpose}.${user}.${expires}.`,
    'with a part of its signature': `Bearer ${genuine.slice(0, -2)}`,
    'with more than its signature': `Bearer ${genuine}00`,
    'with a signature that is none': `Bearer ${purpose}.${user}.${expires}.${'z'.repeat(64)}`,
  };
}

export function attackCredentials(under: () => BackendUnderTest): void {
  for (const name of Object.keys(forgeries('token', 'any'))) {
    const headersFor = (purpose: 'token' | 'connections'): Record<string, string> => {
      const authorization = forgeries(purpose, under().credentialSecret)[name] ?? '';
      return authorization === '' ? {} : { authorization };
    };

    it(`gives no token for a credential that is ${name}, and AuthKit’s page can read that`, async () => {
      const { status, headers } = await under().askForToken(headersFor('token'));
      assert.equal(status, 401);
      assert.equal(headers.get('access-control-allow-origin'), authkitOrigin);
    });

    it(`lists, stores and deletes nothing for a credential that is ${name}`, async () => {
      const backend = under();
      const headers = headersFor('connections');
      const gmail = backend.connect(user);
      const ofGmail = `${connectionsPath}/${encodeURIComponent(gmail.connection_key)}`;
      const answers = await Promise.all([
        backend.ask(connectionsPath, { headers }),
        backend.ask(connectionsPath, { method: 'POST', headers, body: gmail }),
        backend.ask(ofGmail, { method: 'DELETE', headers }),
      ]);
      assert.deepEqual(
        answers.map(({ status }) => status),
        [401, 401, 401],
      );
    });
  }

  it('reads no more than 16 KiB of what somebody sends without a credential', async () => {
    const { status } = await under().ask(connectionsPath, {
      method: 'POST',
      headers: { 'content-type': 'application/json', connection: 'close' },
      bytes: encode(`${' '.repeat(200_000)}{}`),
    });
    assert.ok([401, 413].includes(status), `status ${status}`);
  });

  it('knows users whose ids have dots in them', async () => {
    const backend = under();
    const dotted = 'connections.ada@example.com.9999999999';
    const { status } = await backend.store(dotted, backend.connect(dotted));
    assert.equal(status, 201);
    assert.deepEqual(await backend.rowsOf(dotted), [confirmed(keyOf(dotted))]);
    assert.deepEqual(await backend.rowsOf('ada@example.com'), []);
  });
}

const encode = (text: string) => new TextEncoder().encode(text);

export function attackRequests(under: () => BackendUnderTest): void {
  const types = [
    'text/plain',
    'text/plain; application/json',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=application/json',
    'application/jsonp',
    // None at all.
    undefined,
  ];
  for (const type of types) {
    it(`stores nothing that is sent as ${type ?? 'nothing'}, which any site may send`, async () => {
      const backend = under();
      const gmail = backend.connect('erin');
      const { status } = await backend.ask(connectionsPath, {
        method: 'POST',
        as: 'erin',
        headers: type === undefined ? {} : { 'content-type': type },
        bytes: encode(JSON.stringify(gmail)),
      });
      assert.equal(status, 415);
      assert.deepEqual(await backend.rowsOf('erin'), []);
    });
  }

  it('stores what is sent as JSON with its encoding', async () => {
    const backend = under();
    const { status } = await backend.ask(connectionsPath, {
      method: 'POST',
      as: 'frank',
      headers: { 'content-type': 'application/json; charset=utf-8' },
      bytes: encode(JSON.stringify(backend.connect('frank'))),
    });
    assert.equal(status, 201);
  });

  describe('takes at most 16 KiB', () => {
    const post = (bytes: Uint8Array<ArrayBuffer> | ReadableStream) =>
      under().ask(connectionsPath, {
        method: 'POST',
        as: 'large',
        // A server may close the connection of a body that it did not read to its end.
        headers: { 'content-type': 'application/json', connection: 'close' },
        bytes,
      });
    const bodyOf = (length: number) => {
      const text = JSON.stringify(under().connect('large'));
      // Some of its letters are two bytes.
      return encode(text.padEnd(length - (encode(text).length - text.length)));
    };

    it('and no more', async () => {
      assert.equal((await post(bodyOf(16_385))).status, 413);
      assert.equal((await post(bodyOf(200_000))).status, 413);
      assert.deepEqual(await under().rowsOf('large'), []);
    });

    it('and no more of a body that does not say how long it is', async () => {
      assert.equal((await post(new Blob([bodyOf(17_000)]).stream())).status, 413);
      assert.deepEqual(await under().rowsOf('large'), []);
    });

    it('and no less', async () => {
      assert.ok((await post(bodyOf(16_384))).status < 300);
    });
  });

  it('deletes keys with slashes and dots exactly', async () => {
    const backend = under();
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
      const left = (await backend.rowsOf('slash')).map(({ connection_key }) => connection_key);
      assert.deepEqual(left.sort(), [...keys].sort(), key);
    }
  });

  const whole = connectionOf(keyOf('gina'));
  const bodies = {
    'an empty object': {},
    'an object without a key': { platform: 'gmail' },
    'a list': [],
    'a list of connections': [whole],
    'a text': 'gmail',
    'a number': 1,
    nothing: null,
    yes: true,
    'a key that is a list': { ...whole, connection_key: [whole.connection_key] },
    'a key that is an object': { ...whole, connection_key: { $ne: '' } },
    'a key that is a number': { ...whole, connection_key: 1 },
    'a key that is empty': { ...whole, connection_key: '' },
    'a key without end': { ...whole, connection_key: 'k'.repeat(5000) },
    'a platform that is a list': { ...whole, platform: ['gmail'] },
    'an environment that is an object': { ...whole, environment: {} },
    'a state that is a number': { ...whole, state: 0 },
    'a name that is a list': { ...whole, name: ['Mine'] },
  };
  for (const [name, body] of Object.entries(bodies)) {
    it(`refuses ${name} as a connection`, async () => {
      const backend = under();
      backend.connect('gina');
      const { status, text } = await backend.store('gina', body);
      assert.ok(status >= 400 && status < 500, `${status}: ${text}`);
      assert.deepEqual(await backend.rowsOf('gina'), []);
    });
  }

  /** Where in the backend's code something failed. */
  const trace = /Traceback|\.(m?js|py|rb|php|go):\d|at .+:\d+:\d+|\/tmp\//;

  it('says nothing of itself to somebody whose JSON is broken', async () => {
    const { status, text } = await under().ask(connectionsPath, {
      method: 'POST',
      as: 'gina',
      headers: { 'content-type': 'application/json' },
      bytes: encode('{"platform": "gm'),
    });
    assert.ok(status >= 400 && status < 500, `${status}: ${text}`);
    assert.doesNotMatch(text, trace);
  });

  it('answers unknown addresses with JSON or an empty body', async () => {
    const backend = under();
    const unknown: [method: string, path: string][] = [
      ['PUT', connectionsPath],
      ['PATCH', connectionsPath],
      ['DELETE', connectionsPath],
      ['PUT', tokenPath],
      ['GET', `${connectionsPath}/${encodeURIComponent(keyOf('gina'))}`],
      // Not in Next.js, whose own page it is.
      ...(backend.name === 'next' ? [] : [['GET', '/api/nothing'] as [string, string]]),
    ];
    for (const [method, path] of unknown) {
      const { status, text } = await backend.ask(path, { method, as: 'gina' });
      assert.ok(status >= 400 && status < 500, `${method} ${path}: ${status}`);
      if (text !== '') assert.doesNotThrow(() => JSON.parse(text), text);
    }
  });

  it('says nothing of itself to somebody whose address is wrongly encoded', async () => {
    const { status, text } = await under().ask(`${connectionsPath}/%E0%A4%A`, {
      method: 'DELETE',
      as: 'gina',
    });
    // Next.js itself answers 500.
    assert.ok(status >= 400, `status ${status}`);
    assert.doesNotMatch(text, trace);
  });

  it('says nothing of the secret key when flags cannot be had', async () => {
    const backend = under();
    for (const fault of faults.filter((name) => refusals[name].status !== 504)) {
      backend.pica.flagsFault = fault;
      const { status } = await backend.askForToken(backend.credential('token', 'dora'));
      // The flags say no more than whose logo AuthKit shows.
      assert.ok([200, refusals[fault].status].includes(status), `${fault}: ${status}`);
    }
    backend.pica.flagsFault = undefined;
  });

  it('says nothing of a secret key that is none', async () => {
    const backend = under();
    const { secret } = backend.pica;
    // As text editors and files of secrets make it.
    for (const broken of [`${secret}\n`, `${secret}\r\nX-Other: 1`, `“${secret}”`]) {
      await backend.start({ PICA_SECRET_KEY: broken });
      const { status } = await backend.askForToken(backend.credential('token', 'dora'));
      assert.ok([200, 502].includes(status), `${JSON.stringify(broken)}: ${status}`);
    }
    await backend.start({ PICA_SECRET_KEY: 'sk_test_wrong' });
    const { status, text } = await backend.askForToken(backend.credential('token', 'dora'));
    assert.equal(status, 502);
    assert.doesNotMatch(text, /sk_test_wrong/);
    await backend.start();
  });

  it('is the only one that AuthKit’s origin may read from at the token endpoint', async () => {
    const backend = under();
    const { headers } = await backend.ask(tokenPath, {
      method: 'POST',
      headers: { origin: 'https://evil.example', ...backend.credential('token', 'dora') },
      body: {},
    });
    assert.notEqual(headers.get('access-control-allow-origin'), 'https://evil.example');
    assert.notEqual(headers.get('access-control-allow-origin'), '*');
    const answers = await Promise.all(
      ['GET', 'OPTIONS'].map((method) =>
        backend.ask(connectionsPath, { method, as: 'dora', headers: { origin: authkitOrigin } }),
      ),
    );
    for (const { headers } of answers) {
      assert.equal(headers.get('access-control-allow-origin'), null);
    }
  });
}
