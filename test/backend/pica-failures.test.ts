import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { after, afterEach, before, beforeEach, suite, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { Backend } from '../../demo/app/backend/server.js';
import { headersOf } from './credentials.js';
import { guard } from './hang-guard.js';
import { connector, startPica, vaultRow, type PicaStandIn } from './pica-stand-in.js';
import { ask, startTestBackend } from './test-backend.js';

const vaultPath = '/v1/vault/connections';
const key = 'test::gmail::default::1|ada';
const connectionPath = `/api/connections/${encodeURIComponent(key)}`;

/** What needs Pica: the method and path of a request, and the path at Pica that it needs. */
const endpoints = {
  'a token request': ['POST', '/api/authkit/token', '/v1/authkit'],
  disconnecting: ['DELETE', connectionPath, vaultPath],
  'listing integrations': ['GET', '/api/integrations', '/v1/available-connectors'],
  'a test message': ['POST', `${connectionPath}/test`, '/v1/passthrough/test-message'],
  'deleting a user': ['DELETE', '/api/user', vaultPath],
} as const;

const body = { platform: 'gmail', connection_key: key, environment: 'test' };
const save = (backend: Backend) => ask(backend, 'POST', '/api/connections', { user: 'ada', body });

let pica: PicaStandIn;
before(async () => {
  pica = await startPica();
});
after(() => pica.close());

suite('while Pica limits the rate,', () => {
  let backend: Backend;

  before(async () => {
    backend = await startTestBackend({ picaApi: pica.origin, confirmTimeoutMs: 0 });
  });
  beforeEach(async () => {
    pica.addToVault('ada', key);
    await save(backend);
  });
  afterEach(() => pica.reset());
  after(() => backend.close());

  const limitRate = (path: string, retryAfter?: string) =>
    pica.answers.set(path, () => {
      const headers = new Headers(retryAfter === undefined ? [] : [['retry-after', retryAfter]]);
      return Response.json({ type: 'TooManyRequests' }, { status: 429, headers });
    });

  for (const [name, [method, path, picaPath]] of Object.entries(endpoints)) {
    test(`${name} fails with 429 and Pica’s Retry-After`, async () => {
      limitRate(picaPath, '17');
      const options = { user: 'ada', ...(method === 'POST' && { body: {} }) };
      const { status, headers, json } = await ask(backend, method, path, options);
      assert.deepEqual([status, headers.get('retry-after')], [429, '17']);
      assert.equal(json.error, 'pica-rate-limited');
    });
  }

  test('the integrations are not requested again before Retry-After is over', async () => {
    limitRate('/v1/available-connectors', '17');
    const { status, headers } = await ask(backend, 'GET', '/api/integrations');
    assert.equal(status, 429);
    assert.match(headers.get('retry-after') ?? '', /^1[67]$/);
    assert.deepEqual(
      pica.received.filter(({ path }) => path.includes('connectors')),
      [],
    );
  });

  test('a new connection is still stored, unconfirmed', async () => {
    limitRate(vaultPath, '17');
    const other = { ...body, connection_key: 'other' };
    const { status } = await ask(backend, 'POST', '/api/connections', { user: 'ada', body: other });
    assert.equal(status, 202);
  });

  for (const [description, createValue, expected] of [
    ['a date', () => new Date(Date.now() + 600_000).toUTCString(), /^(600|5[5-9]\d)$/],
    ['a date in the past', () => new Date(0).toUTCString(), /^1$/],
    ['zero', () => '0', /^1$/],
    ['a word', () => 'soon', /^5$/],
    ['missing', () => undefined, /^5$/],
    ['thousands of years', () => '999999999999', /^3600$/],
  ] as const) {
    test(`Retry-After is understood if it is ${description}`, async () => {
      limitRate(vaultPath, createValue());
      const { status, headers } = await ask(backend, 'DELETE', connectionPath, { user: 'ada' });
      assert.equal(status, 429);
      assert.match(headers.get('retry-after') ?? '', expected);
    });
  }
});

suite('while Pica hangs,', () => {
  let backend: Backend;

  before(async () => {
    backend = await startTestBackend({ picaApi: pica.origin, confirmTimeoutMs: 0 });
    pica.addToVault('ada', key);
    await save(backend);
    const hang = () => new Promise<Response>(() => undefined);
    for (const [, , picaPath] of Object.values(endpoints)) pica.answers.set(picaPath, hang);
  });
  after(async () => {
    pica.reset();
    await backend.close();
  });

  for (const [name, [method, path]] of Object.entries(endpoints)) {
    test(`${name} fails with 504 and a Retry-After`, async () => {
      const options = { user: 'ada', ...(method === 'POST' && { body: {} }) };
      const answers = await Promise.all([1, 2].map(() => ask(backend, method, path, options)));
      for (const { status, headers, json } of answers) {
        assert.deepEqual([status, json.error], [504, 'pica-timeout']);
        assert.equal(headers.get('retry-after'), '5');
      }
    });
  }
});

suite('a request that waits for Pica too long in total', () => {
  let backend: Backend;

  before(async () => {
    backend = await startTestBackend({ picaApi: pica.origin, requestTimeoutMs: 500 });
    // A vault with more pages than anybody can wait for.
    pica.answers.set(vaultPath, async ({ query }) => {
      await delay(100);
      const rows = [vaultRow('ada', `page-${query.page}`)];
      return Response.json({ rows, total: 1_000_000, pages: 1_000_000, page: Number(query.page) });
    });
    pica.answers.set('/v1/available-connectors', async ({ query }) => {
      await delay(100);
      return Response.json({ rows: [connector(1)], pages: 100, page: Number(query.page) });
    });
  });
  after(async () => {
    pica.reset();
    await backend.close();
  });

  for (const [method, path] of [
    ['DELETE', connectionPath],
    ['DELETE', '/api/user'],
    ['GET', '/api/integrations'],
  ] as const) {
    test(`fails with 504: ${method} ${path.replace(/%.*/, '…')}`, async () => {
      const { status, headers } = await ask(backend, method, path, { user: 'ada' });
      assert.equal(status, 504);
      assert.equal(headers.get('retry-after'), '5');
    });
  }

  test('still stores a new connection, unconfirmed', async () => {
    assert.equal((await save(backend)).status, 202);
  });
});

suite('a request whose client disconnects', () => {
  let backend: Backend;

  // A new backend for each test: after a cancelled deletion, the connection cannot be used for a moment.
  beforeEach(async () => {
    backend = await startTestBackend({ picaApi: pica.origin });
    pica.addToVault('ada', key);
    await save(backend);
  });
  afterEach(async () => {
    await backend.close();
    pica.reset();
  });

  for (const [name, [method, path, picaPath]] of Object.entries(endpoints)) {
    // All clients share one request for the integrations, so none of them can cancel it.
    if (name === 'listing integrations') continue;
    test(`cancels its request to Pica: ${name}`, async () => {
      const steps = new EventEmitter();
      const reached = once(steps, 'reached') as Promise<[AbortSignal]>;
      pica.answers.set(picaPath, ({ clientSignal }) => {
        steps.emit('reached', clientSignal);
        return new Promise(() => undefined);
      });
      const controller = new AbortController();
      const response = fetch(backend.origin + path, {
        method,
        headers: { ...headersOf('ada', path), 'content-type': 'application/json' },
        ...(method === 'POST' && { body: '{}' }),
        signal: controller.signal,
      });
      const answered = response.then(async (answer) => {
        throw new Error(`It was answered: ${answer.status} ${await answer.text()}`);
      });
      const asked = Promise.race([reached, answered]);
      const [clientSignal] = await guard('a request to Pica', asked);
      controller.abort();
      await assert.rejects(response);
      if (!clientSignal.aborted) {
        await guard('the end of the request to Pica', once(clientSignal, 'abort'));
      }
    });
  }
});

test('a request is answered even if the host’s ownerOf() hangs', async () => {
  const backend = await startTestBackend({
    requestTimeoutMs: 100,
    ownership: { ownerOf: () => new Promise(() => undefined), mayDisconnect: () => true },
  });
  const { status, json, headers } = await ask(backend, 'GET', '/api/connections', { user: 'ada' });
  assert.deepEqual([status, json.error, headers.get('retry-after')], [504, 'too-slow', '5']);
  await backend.close();
});
