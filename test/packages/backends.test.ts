import assert from 'node:assert/strict';
import { basename } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { startSandbox, type Sandbox } from '../../demo/sandbox/server.js';
import { examine } from './doctor.js';
import { BackendFolder, type RunningBackend } from './running-backend.js';

/*
 * A backend of demo/backends, run as its page says, against the sandbox as Pica. All of them have to pass the
 * same checks.
 */
const source = process.env.PACKAGES_SUBJECT ?? 'demo/backends/hono';

const authkitOrigin = 'https://authkit.example';
const credentialSecret = 'signs what the page sends';

interface Row {
  connection_key: string;
  platform: string;
  environment: string;
  state: string;
}

interface Asked {
  method?: string;
  as?: string;
  headers?: Record<string, string>;
  body?: unknown;
}

const { credentialFor } = (await import(
  new URL('../../demo/backends/credential.mjs', import.meta.url).href
)) as { credentialFor: (user: string, secret: string, seconds?: number) => string };

describe(`the backend in ${basename(source)}`, () => {
  let sandbox: Sandbox;
  let folder: BackendFolder;
  let backend: RunningBackend;

  const start = (settings: Record<string, string> = {}) =>
    folder.start({
      PICA_SECRET_KEY: 'sk_test_sandbox',
      CREDENTIAL_SECRET: credentialSecret,
      PICA_API: sandbox.origin,
      AUTHKIT_ORIGIN: authkitOrigin,
      ...settings,
    });

  before(async () => {
    sandbox = await startSandbox();
    folder = await BackendFolder.from(source);
    backend = await start();
  });
  after(async () => {
    await backend.stop();
    await folder.remove();
    await sandbox.close();
  });

  const credentialOf = (user: string, secret = credentialSecret, seconds = 600) => ({
    authorization: `Bearer ${credentialFor(user, secret, seconds)}`,
  });

  const ask = (path: string, { method = 'GET', as, headers = {}, body }: Asked = {}) =>
    fetch(backend.origin + path, {
      method,
      headers: {
        ...(as !== undefined && credentialOf(as)),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });

  describe('as token endpoint', () => {
    const path = '/api/authkit/token';
    /** What AuthKit's page sends. */
    const askForToken = (headers: Record<string, string>) =>
      ask(path, { method: 'POST', headers: { origin: authkitOrigin, ...headers }, body: {} });

    it("lets AuthKit's page ask", async () => {
      const response = await ask(path, {
        method: 'OPTIONS',
        headers: {
          origin: authkitOrigin,
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'authorization,content-type',
        },
      });
      assert.ok(response.ok, `status ${response.status}`);
      assert.equal(response.headers.get('access-control-allow-origin'), authkitOrigin);
      assert.match(response.headers.get('access-control-allow-methods') ?? '', /POST/);
      const allowed = response.headers.get('access-control-allow-headers')?.toLowerCase() ?? '';
      assert.deepEqual(allowed.split(/, */).sort(), ['authorization', 'content-type']);
    });

    it('passes the doctor', async () => {
      const found = await examine(backend.origin + path, credentialOf('ada'), authkitOrigin);
      assert.match(found, /Nothing is wrong\./);
    });

    it('answers with every integration, in a form that AuthKit opens with', async () => {
      const response = await askForToken(credentialOf('ada'));
      assert.equal(response.status, 200);
      assert.equal(response.headers.get('access-control-allow-origin'), authkitOrigin);
      const token = (await response.json()) as {
        rows: { title: string }[];
        total: number;
        requestId: unknown;
      };
      assert.ok(token.total > 200);
      assert.equal(new Set(token.rows.map(({ title }) => title)).size, token.total);
      assert.ok(token.rows.some(({ title }) => title === 'Gmail'));
      assert.equal(typeof token.requestId, 'number');
    });

    for (const [whose, headers] of Object.entries<Record<string, string>>({
      'nobody it knows': {},
      'nobody, in so many words': { authorization: 'Bearer undefined' },
      'somebody whom others have made up': credentialOf('ada', 'guessed'),
      'somebody whose time is over': credentialOf('ada', credentialSecret, -60),
    })) {
      it(`refuses ${whose}, so that AuthKit's page can read it`, async () => {
        const response = await askForToken(headers);
        assert.equal(response.status, 401);
        assert.equal(response.headers.get('access-control-allow-origin'), authkitOrigin);
      });
    }

    it('refuses another method than POST', async () => {
      assert.equal((await ask(path, { as: 'ada' })).status, 405);
    });

    it('says that it failed when Pica refuses the secret key', async () => {
      const wrong = await start({ PICA_SECRET_KEY: 'sk_test_wrong' });
      try {
        const response = await fetch(wrong.origin + path, {
          method: 'POST',
          headers: { origin: authkitOrigin, ...credentialOf('ada') },
        });
        assert.equal(response.status, 502);
        assert.equal(response.headers.get('access-control-allow-origin'), authkitOrigin);
        assert.doesNotMatch(await response.text(), /sk_test_wrong/);
      } finally {
        await wrong.stop();
      }
    });
  });

  describe('as store of connections', () => {
    const path = '/api/connections';
    const gmail = {
      platform: 'gmail',
      connection_key: 'test::gmail::default::abc123|user/1 ü',
      environment: 'test',
      state: 'operational',
    };
    const ofGmail = `${path}/${encodeURIComponent(gmail.connection_key)}`;
    const rowsOf = async (user: string) => {
      const response = await ask(path, { as: user });
      assert.equal(response.status, 200);
      return ((await response.json()) as Row[]).map(
        ({ platform, connection_key, environment, state }) => ({
          ...{ platform, connection_key, environment, state },
        }),
      );
    };
    const store = (as: string, body: unknown) => ask(path, { method: 'POST', as, body });

    it('has none at first', async () => {
      assert.deepEqual(await rowsOf('ada'), []);
    });

    it('refuses whoever has not signed in', async () => {
      assert.equal((await ask(path)).status, 401);
      assert.equal((await ask(path, { method: 'POST', body: gmail })).status, 401);
      assert.equal((await ask(ofGmail, { method: 'DELETE' })).status, 401);
    });

    it('stores one, once, however often it is sent', async () => {
      assert.equal((await store('ada', gmail)).status, 201);
      assert.equal((await store('ada', { ...gmail, state: 'degraded' })).status, 200);
      assert.deepEqual(await rowsOf('ada'), [{ ...gmail, state: 'degraded' }]);
    });

    it('refuses what is no connection', async () => {
      for (const body of [{}, { platform: 'gmail' }, [], { ...gmail, connection_key: [] }]) {
        const { status } = await store('ada', body);
        assert.ok(status >= 400 && status < 500, `${JSON.stringify(body)}: ${status}`);
      }
      assert.equal((await rowsOf('ada')).length, 1);
    });

    it("shows nobody another user's, gives it to nobody, and lets nobody delete it", async () => {
      assert.deepEqual(await rowsOf('grace'), []);
      assert.equal((await store('grace', gmail)).status, 409);
      assert.equal((await ask(ofGmail, { method: 'DELETE', as: 'grace' })).status, 404);
      assert.deepEqual(await rowsOf('grace'), []);
      assert.equal((await rowsOf('ada')).length, 1);
    });

    it('still has it after a restart', async () => {
      await backend.stop();
      backend = await start();
      assert.equal((await rowsOf('ada')).length, 1);
    });

    it('deletes one', async () => {
      assert.equal((await ask(ofGmail, { method: 'DELETE', as: 'ada' })).status, 204);
      assert.deepEqual(await rowsOf('ada'), []);
      assert.equal((await ask(ofGmail, { method: 'DELETE', as: 'ada' })).status, 404);
    });
  });
});
