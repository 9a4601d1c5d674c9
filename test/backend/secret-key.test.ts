import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { after, before, suite, test } from 'node:test';
import { userOwner } from '../../demo/app/backend/owner.js';
import { createAuthKitToken } from '../../demo/app/backend/pica/authkit-token-package.js';
import { withSecretFreeConsole } from '../../demo/app/backend/pica/secret-free-console.js';
import { startBackendProcess, type BackendProcess } from './backend-process.js';
import { credentialSecret } from './credentials.js';
import { gmail, secret, startPica, type PicaStandIn } from './pica-stand-in.js';
import { ask, authkitOrigin, startTestBackend } from './test-backend.js';

interface Axios {
  interceptors: {
    response: {
      use(onAnswer: (answer: { config: object }) => object): number;
      eject(id: number): void;
    };
  };
}

test('every request of the token package to Pica has a time limit of ten seconds', async () => {
  const require = createRequire(import.meta.url);
  const axios = createRequire(require.resolve('@picahq/authkit-token'))('axios') as Axios;
  const configs: { timeout?: number }[] = [];
  const { response } = axios.interceptors;
  const listener = response.use((answer) => {
    configs.push(answer.config);
    return answer;
  });
  const pica = await startPica();
  await createAuthKitToken(secret, pica.origin, userOwner('ada'));
  response.eject(listener);
  await pica.close();
  assert.deepEqual(
    configs.map(({ timeout }) => timeout),
    pica.received.map(() => 10_000),
  );
  assert.ok(configs.length > 0);
});

suite('the secret key', () => {
  let pica: PicaStandIn;
  let backend: BackendProcess;

  before(async () => {
    pica = await startPica();
    backend = await startBackendProcess({
      database: 'memory://',
      picaSecret: secret,
      picaApi: pica.origin,
      authkitOrigin,
      credentialSecrets: [credentialSecret],
      pageConfig: { title: 'Demo' },
    });
  });
  after(async () => {
    await backend.kill();
    await pica.close();
  });

  /**
   * Causes all failures in which the token package prints the whole request.
   *
   * @returns the backend's answers
   */
  async function causeFailures(): Promise<string[]> {
    const answers: string[] = [];
    const requestToken = async () => {
      answers.push((await ask(backend, 'POST', '/api/authkit/token', { user: 'one' })).text);
    };
    const refuse = () => Response.json({ type: 'Unauthorized', message: secret }, { status: 401 });
    for (const path of ['/v1/users/flags', '/v1/authkit']) pica.answers.set(path, refuse);
    await requestToken();
    pica.answers.clear();
    const fail = () => Response.json({ type: 'Internal', message: secret }, { status: 500 });
    pica.answers.set('/v1/users/flags', fail);
    await Promise.all([requestToken(), requestToken(), requestToken()]);
    pica.answers.set('/v1/authkit', ({ query }) =>
      query.page === '1' ? Response.json({ rows: [gmail], pages: 2, total: 2 }) : fail(),
    );
    await requestToken();
    pica.answers.set('/v1/authkit', fail);
    await requestToken();
    pica.answers.set('/v1/available-connectors', fail);
    answers.push((await ask(backend, 'GET', '/api/integrations')).text);
    await pica.close();
    await requestToken();
    answers.push((await ask(backend, 'GET', '/api/integrations')).text);
    answers.push((await ask(backend, 'GET', '/api/config')).text);
    return answers;
  }

  test('is in no answer and no output, no matter what fails', async () => {
    const answers = await causeFailures();
    assert.equal(answers.length, 10);
    for (const answer of answers) assert.ok(!answer.includes(secret), answer);
    const printed = backend.printed();
    // The package's messages are still printed, without the key.
    assert.match(printed, /Failed to fetch user whitelist status/);
    assert.match(printed, /Failed to fetch authkit batch/);
    assert.ok(!printed.includes(secret), printed);
    assert.doesNotMatch(printed, /x-pica-secret/i);
  });

  test('is not sent to the target of a redirect', async () => {
    const target = await startPica();
    const redirecting = await startPica();
    const otherBackend = await startTestBackend({ picaApi: redirecting.origin });
    const paths = [
      '/v1/users/flags',
      '/v1/authkit',
      '/v1/available-connectors',
      '/v1/vault/connections',
    ];
    for (const status of [301, 302, 307, 308]) {
      for (const path of paths) {
        const location = target.origin + path;
        redirecting.answers.set(path, () => new Response(null, { status, headers: { location } }));
      }
      assert.equal(
        (await ask(otherBackend, 'POST', '/api/authkit/token', { user: 'one' })).status,
        502,
      );
      assert.equal((await ask(otherBackend, 'GET', '/api/integrations')).status, 502);
      assert.equal(
        (await ask(otherBackend, 'DELETE', '/api/connections/a', { user: 'one' })).status,
        502,
      );
    }
    assert.deepEqual(target.received, []);
    await otherBackend.close();
    await target.close();
    await redirecting.close();
  });

  test('is removed from the output of the package, and other output stays as it is', async (t) => {
    const lines: unknown[][] = [];
    t.mock.method(console, 'warn', (...values: unknown[]) => lines.push(values));
    const error = Object.assign(new Error('no'), { config: { headers: { key: 'the-key' } } });
    await withSecretFreeConsole('the-key', async () => {
      await Promise.resolve();
      console.warn('Failed:', error, { key: 'the-key' });
    });
    console.warn('Others:', error);
    assert.deepEqual(lines, [["Failed: Error: no { key: '[secret]' }"], ['Others:', error]]);
  });
});
