import { createAdaptorServer, type HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { openCors } from '../fixtures/servers/cors.js';

const faults = ['drop before', 'drop after storing', 'slow', '429', '500'] as const;
type Fault = (typeof faults)[number];

export interface FaultyEndpoint {
  /** `{origin}/api/connections` forwards to the backend, unless a fault prevents it. */
  origin: string;
  /** How often each fault was injected. */
  faultCounts: Map<Fault, number>;
  close(): Promise<void>;
}

/** A proxy for a backend's `/api/connections`. It fails three of ten POSTs, with each fault in turn. */
export async function startFaultyEndpoint(backend: string): Promise<FaultyEndpoint> {
  const faultCounts = new Map<Fault, number>(faults.map((fault) => [fault, 0]));
  let posts = 0;
  let failed = 0;
  const nextFault = (): Fault | undefined => {
    posts += 1;
    if (posts % 10 > 2) return undefined;
    const fault = faults[failed % faults.length];
    failed += 1;
    if (fault) faultCounts.set(fault, (faultCounts.get(fault) ?? 0) + 1);
    return fault;
  };

  const app = new Hono<{ Bindings: HttpBindings }>();
  app.use(openCors({ preflight: 'here' }));
  app.all('/api/connections', async (context) => {
    const { method, headers } = context.req.raw;
    const fault = method === 'POST' ? nextFault() : undefined;
    const body = method === 'POST' ? await context.req.text() : undefined;
    const forward = () =>
      fetch(`${backend}/api/connections`, {
        method,
        headers: {
          'content-type': 'application/json',
          authorization: headers.get('authorization') ?? '',
        },
        body,
      });
    if (fault === '429') return context.json({}, 429, { 'retry-after': '1' });
    if (fault === '500') return context.json({}, 500);
    if (fault === 'slow') await setTimeout(1500);
    const response = fault === 'drop before' ? undefined : await forward();
    if (fault === 'drop before' || fault === 'drop after storing') {
      context.env.incoming.socket.destroy();
    }
    const text = (await response?.text()) ?? '';
    return context.body(text, response?.ok === false ? 502 : 200);
  });

  const server = createAdaptorServer({ fetch: app.fetch });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    faultCounts,
    async close() {
      const closed = once(server, 'close');
      server.close();
      if ('closeAllConnections' in server) server.closeAllConnections();
      await closed;
    },
  };
}
