import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { startBackend, type Backend, type BackendOptions } from '../../demo/app/backend/server.js';
import { credentialSecret, headersOf } from './credentials.js';
import { secret } from './pica-stand-in.js';
import { createTestDatabase } from './test-database.js';

export const authkitOrigin = 'https://authkit.example';

/** Nothing listens there. */
export const nowhere = 'http://127.0.0.1:1';

/** A backend on a database of its own, which goes away with it. */
export async function startTestBackend(options: Partial<BackendOptions> = {}): Promise<Backend> {
  const database = await createTestDatabase();
  const backend = await startBackend({
    database: database.location,
    picaSecret: secret,
    picaApi: nowhere,
    authkitOrigin,
    credentialSecrets: [credentialSecret],
    drainMs: 0,
    logLevel: 'silent',
    ...options,
  });
  return {
    origin: backend.origin,
    metricsOrigin: backend.metricsOrigin,
    async close() {
      await backend.close();
      await database.drop();
    },
  };
}

export interface Answer {
  status: number;
  headers: Headers;
  /** As text, for what must not be in it. */
  text: string;
  /** Empty where the answer is not JSON. */
  json: Record<string, unknown>;
}

export interface Asked {
  user?: string;
  headers?: Record<string, string>;
  /** Sent as JSON. */
  body?: unknown;
}

/** One request to a backend. */
export async function ask(
  { origin }: Pick<Backend, 'origin'>,
  method: string,
  path: string,
  { user, headers = {}, body }: Asked = {},
): Promise<Answer> {
  const response = await fetch(origin + path, {
    method,
    headers: {
      ...(user === undefined ? {} : headersOf(user, path)),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.startsWith('application/json');
  return {
    status: response.status,
    headers: response.headers,
    text,
    json: isJson && text ? (JSON.parse(text) as Record<string, unknown>) : {},
  };
}

/** Waits until `/readyz` says this, and nothing else than `ok` with 200. What it says may be a second old. */
export async function untilReadiness(
  backend: Pick<Backend, 'origin'>,
  expected: string,
): Promise<void> {
  for (;;) {
    const { status, json } = await ask(backend, 'GET', '/readyz');
    assert.equal(status, json.status === 'ok' ? 200 : 503);
    if (json.status === expected) return;
    await delay(100);
  }
}
