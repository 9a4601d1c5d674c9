import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { AuthKitToken } from '@picahq/authkit-token';
import type { AuthkitResponse } from '@picahq/authkit-token/src/types';
import type { PicaError } from '../../demo/sandbox/errors.js';
import { integrations } from '../../demo/sandbox/integrations.js';
import { startSandbox, type Sandbox } from '../../demo/sandbox/server.js';
import { ask, post } from './requests.js';

let sandbox: Sandbox;
before(async () => {
  sandbox = await startSandbox();
});
after(() => sandbox.close());

/** `create` is declared to return `any`: it is a token, or Pica's error. */
const createToken = async (secret = 'sk_test_sandbox', { origin } = sandbox) =>
  (await new AuthKitToken(secret, { baseUrl: origin }).create()) as AuthkitResponse & PicaError;

type Row = Record<string, unknown>;

interface Page {
  rows: Row[];
  page: number;
  pages: number;
  total: number;
}

test('the token package collects the integrations of all pages', async () => {
  const token = await createToken();
  assert.equal(token.rows.length, integrations.length);
});

test('a token is a single page with a requestId, and is not white-labelled', async () => {
  const { page, pages, total, requestId, isWhiteLabel } = await createToken();
  assert.equal(typeof requestId, 'number');
  assert.deepEqual(
    { page, pages, total, isWhiteLabel },
    { page: 1, pages: 1, total: integrations.length, isWhiteLabel: false },
  );
});

test('a row of the token has the fields that AuthKit needs', async () => {
  const token = await createToken();
  const row = token.rows.find(({ type }) => type === 'gmail');
  assert.equal(typeof row?.id, 'number');
  assert.equal(typeof row?.connectionDefId, 'number');
  assert.deepEqual(row, {
    id: row?.id,
    connectionDefId: row?.connectionDefId,
    type: 'gmail',
    title: 'Gmail',
    image: `${sandbox.origin}/logos/gmail.svg`,
    environment: 'test',
    tags: ['Email'],
    active: true,
    activatedAt: row?.activatedAt,
    createdAt: row?.createdAt,
  });
});

test('the token package returns Pica’s error for a wrong secret', async (t) => {
  t.mock.method(console, 'warn', () => {});
  const token = await createToken('sk_test_wrong');
  assert.equal(token.type, 'Unauthorized');
});

test('a live secret creates live rows', async () => {
  const live = await startSandbox({ secret: 'sk_live_1' });
  const token = await createToken('sk_live_1', live);
  await live.close();
  assert.equal(token.rows[0]?.environment, 'live');
});

for (const path of [
  '/v1/users/flags',
  '/v1/available-connectors',
  '/v1/vault/connections',
  '/v1/vault/connections/some-id',
  '/v1/passthrough/anything',
]) {
  test(`${path} refuses a wrong secret`, async () => {
    const { status, body } = await ask(sandbox, path, { secret: 'sk_test_wrong' });
    assert.equal(status, 401);
    assert.equal(body.type, 'Unauthorized');
  });
}

test('a missing secret is answered with an error in Pica’s form', async () => {
  const { status, body } = await ask(sandbox, '/v1/users/flags', { secret: null });
  assert.equal(status, 401);
  assert.deepEqual(
    { ...body, meta: undefined },
    {
      type: 'Unauthorized',
      code: 2010,
      status: 401,
      key: 'err::application::unauthorized',
      message: 'The header x-pica-secret is missing.',
      meta: undefined,
    },
  );
});

test('the flags say whether AuthKit is white-labelled', async () => {
  const { body } = await ask(sandbox, '/v1/users/flags');
  assert.equal(body.authkitWhitelist, false);
});

test('a page of the token has as many rows as asked for', async () => {
  const { body } = await post<Page>(sandbox, '/v1/authkit?limit=7&page=2', {});
  assert.equal(body.rows.length, 7);
  assert.equal(body.page, 2);
  assert.equal(body.pages, Math.ceil(integrations.length / 7));
});

test('an identity type that Pica does not have is refused', async () => {
  const { status, body } = await post(sandbox, '/v1/authkit', { identityType: 'robot' });
  assert.equal(status, 400);
  assert.equal(body.type, 'BadRequest');
});

test('a body that is not JSON is refused with an error in Pica’s form', async () => {
  const { status, body } = await post(sandbox, '/v1/authkit', '{oh');
  assert.equal(status, 400);
  assert.equal(body.key, 'err::application::bad_request');
});

test('an impossible limit is refused', async () => {
  assert.equal((await ask(sandbox, '/v1/available-connectors?limit=0')).status, 400);
});

test('a connector has the fields of Pica’s API', async () => {
  const { body } = await ask<Page>(
    sandbox,
    '/v1/available-connectors?authkit=true&limit=100&page=2',
  );
  const { id, tools, ...row } =
    body.rows.find(({ platform }) => platform === 'google-calendar') ?? {};
  assert.equal(typeof id, 'number');
  assert.equal(typeof tools, 'number');
  assert.deepEqual(row, {
    name: 'Google Calendar',
    key: 'api::google-calendar::v1',
    platform: 'google-calendar',
    category: 'Calendar',
    image: `${sandbox.origin}/logos/google-calendar.svg`,
    description: 'Events and availability in Google Calendar.',
    tags: [],
    oauth: true,
    version: '1.0.0',
    active: true,
  });
});

test('all pages together list every connector', async () => {
  const { body } = await ask<Page>(sandbox, '/v1/available-connectors?limit=100');
  const others = await Promise.all(
    Array.from({ length: body.pages - 1 }, (_, index) =>
      ask<Page>(sandbox, `/v1/available-connectors?limit=100&page=${index + 2}`),
    ),
  );
  const all = [body, ...others.map((answer) => answer.body)].flatMap(({ rows }) => rows);
  assert.equal(new Set(all.map(({ platform }) => platform)).size, integrations.length);
});

test('a logo is an SVG', async () => {
  const response = await fetch(`${sandbox.origin}/logos/gmail.svg`);
  assert.equal(response.headers.get('content-type'), 'image/svg+xml');
  assert.match(await response.text(), /^<svg/);
});

test('an unknown path is not found', async () => {
  const { status, body } = await ask(sandbox, '/v1/nonsense');
  assert.equal(status, 404);
  assert.equal(body.type, 'NotFound');
});

test('starting on a port in use fails', async () => {
  const port = Number(new URL(sandbox.origin).port);
  await assert.rejects(startSandbox({ port }), { code: 'EADDRINUSE' });
});
