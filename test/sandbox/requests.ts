import type { Sandbox } from '../../demo/sandbox/server.js';

interface RequestOptions {
  method?: string;
  secret?: string | null;
  headers?: Record<string, string>;
  body?: unknown;
}

/** The sandbox's answer. The caller states the type of its body. */
export interface Answer<Body> {
  status: number;
  body: Body;
}

/** Sends a request as a backend would. `secret` defaults to the right one; `null` sends none. */
export async function ask<Body = Record<string, unknown>>(
  { origin }: Sandbox,
  path: string,
  { method = 'GET', secret = 'sk_test_sandbox', headers = {}, body }: RequestOptions = {},
): Promise<Answer<Body>> {
  const response = await fetch(origin + path, {
    method,
    headers: {
      ...(secret !== null && { 'x-pica-secret': secret }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: (text ? JSON.parse(text) : undefined) as Body };
}

export const post = <Body = Record<string, unknown>>(
  sandbox: Sandbox,
  path: string,
  body: unknown,
) => ask<Body>(sandbox, path, { method: 'POST', body });
