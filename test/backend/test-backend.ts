import assert from 'node:assert/strict';
import { startBackend, type Backend, type BackendOptions } from '../../demo/app/backend/server.js';
import { credentialSecret, headersOf } from './credentials.js';
import { guard, poll } from './hang-guard.js';
import { secret } from './pica-stand-in.js';
import { createTestDatabase } from './test-database.js';

export const authkitOrigin = 'https://authkit.example';

/** An origin where nothing listens. */
export const unreachableOrigin = 'http://127.0.0.1:1';

/** Starts a backend on a database of its own, which is dropped when the backend closes. */
export async function startTestBackend(options: Partial<BackendOptions> = {}): Promise<Backend> {
  const database = await createTestDatabase();
  const backend = await startBackend({
    database: database.location,
    picaSecret: secret,
    picaApi: unreachableOrigin,
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
  /** The body as text, to check what is not in it. */
  text: string;
  /** The parsed body, or an empty object if it is not JSON. */
  json: Record<string, unknown>;
}

export interface AskOptions {
  user?: string;
  headers?: Record<string, string>;
  /** Sent as JSON. */
  body?: unknown;
}

/** Sends one request to a backend. */
export function ask(
  backend: Pick<Backend, 'origin'>,
  method: string,
  path: string,
  options: AskOptions = {},
): Promise<Answer> {
  return guard(`an answer to ${method} ${path}`, askOnce(backend, method, path, options));
}

async function askOnce(
  { origin }: Pick<Backend, 'origin'>,
  method: string,
  path: string,
  { user, headers = {}, body }: AskOptions,
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

/** Waits until `/readyz` has this status. Only `ok` may come with 200. The status may be a second old. */
export async function waitForReadiness(
  backend: Pick<Backend, 'origin'>,
  expected: string,
): Promise<void> {
  const read = async () => {
    const { status, json } = await ask(backend, 'GET', '/readyz');
    assert.equal(status, json.status === 'ok' ? 200 : 503);
    return json.status;
  };
  await poll(`the readiness "${expected}"`, read, (status) => status === expected);
}
