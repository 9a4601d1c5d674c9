import type { Sandbox } from '../../demo/sandbox/server.js';

interface Asked {
  method?: string;
  secret?: string | null;
  headers?: Record<string, string>;
  body?: unknown;
}

/** What the sandbox answered. Which body to expect is the test's to say. */
export interface Answer<Body> {
  status: number;
  body: Body;
}

/** Asks as a backend would, with the right secret unless told otherwise (`null`: without any). */
export async function ask<Body = Record<string, unknown>>(
  { origin }: Sandbox,
  path: string,
  { method = 'GET', secret = 'sk_test_sandbox', headers = {}, body }: Asked = {},
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
