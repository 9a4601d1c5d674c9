import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer, type HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import { cors } from 'hono/cors';
import { StartError } from '../backend/start-error.js';
import { faults, token, type Answer, type Fault } from './faults.js';

export interface FaultyEndpoints {
  /** `{origin}/{fault}/token` is a token endpoint with that fault; `{origin}/faults` lists all faults. */
  origin: string;
  close(): Promise<void>;
}

/** Starts the endpoints on an origin of their own, because CORS faults don't show on the page's origin. */
export async function startFaultyEndpoints(port = 0): Promise<FaultyEndpoints> {
  const app = new Hono<{ Bindings: HttpBindings }>();
  app.get('/faults', cors(), (context) => context.json(faults));
  app.all('/:fault/token', (context) => {
    const { fault } = context.req.param();
    if (!Object.hasOwn(faults, fault)) return context.notFound();
    const answer = answerOf((faults as Record<string, Fault>)[fault] ?? { title: '' }, context.req);
    if (answer.isCut) context.env.incoming.socket.destroy();
    return responseTo(context.req.raw, answer);
  });
  app.notFound((context) => context.text('There is no such fault.', 404));

  const server = createAdaptorServer({ fetch: app.fetch }) as Server;
  server.listen(port, '127.0.0.1');
  await once(server, 'listening').catch((error: unknown) => {
    throw new StartError(
      `The faulty token endpoints cannot listen at port ${port} (${String(error)}). Set FAULTY_PORT to another one.`,
    );
  });
  const { port: actualPort } = server.address() as AddressInfo;
  return { origin: `http://127.0.0.1:${actualPort}`, close: () => close(server) };
}

function answerOf({ options, post, always }: Fault, { method }: { method: string }): Answer {
  if (method === 'OPTIONS') return { status: 204, ...always, ...options };
  if (method === 'POST') return { status: 200, body: token, ...always, ...post };
  return { status: 405, ...always };
}

/** Adds CORS headers that allow every page and every header, unless the fault changes them. */
function responseTo(request: Request, { status, body = '', headers = {} }: Answer): Response {
  const all = new Headers({
    'access-control-allow-origin': request.headers.get('origin') ?? '*',
    'access-control-allow-headers': request.headers.get('access-control-request-headers') ?? '*',
    'cache-control': 'no-store',
    'content-type': typeof body === 'string' ? 'text/plain' : 'application/json',
    // Otherwise a browser caches the preflight's answer for five seconds or longer.
    'access-control-max-age': '0',
    vary: 'origin',
  });
  for (const [name, value] of Object.entries(headers)) {
    if (value === null) all.delete(name);
    else all.set(name, value);
  }
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return new Response(status === 204 ? null : text, { status, headers: all });
}

async function close(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}
