import { createAdaptorServer, type HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import type { Random } from './random.js';

const faults = [
  'drop before',
  'drop after',
  'slow',
  '429',
  '500',
  'hang before',
  'hang after',
  'hang in the body',
] as const;
type Fault = (typeof faults)[number];

/** How many of ten requests to a path fail. */
const failureRates: [path: RegExp, failuresInTen: number][] = [
  [/^\/api\/connections/, 3],
  [/^\/api\/(authkit\/token|integrations)$/, 1],
];

/** Serves the page and forwards requests to any of the backend's processes. Some requests fail while it is faulty. */
export class FaultyProxy {
  readonly #server: ReturnType<typeof createAdaptorServer>;
  readonly #origins: () => readonly string[];
  readonly #random: Random;
  /** How often each fault and each failure of the backend occurred, by method. */
  readonly counts = new Map<string, number>();
  /** Keys that the backend has confirmed as stored. */
  readonly saved = new Set<string>();
  /** Keys that the backend has confirmed as deleted and that were not saved again since. */
  readonly deleted = new Set<string>();
  /** Keys whose deletion got no answer or an error, so the backend may or may not have deleted them. */
  readonly deletionsInDoubt = new Set<string>();
  /** Keys that were saved again after their deletion. */
  readonly savedAgain = new Set<string>();
  /** The requests for each key, with their outcomes. */
  readonly #history = new Map<string, string[]>();
  /** The number of requests that the backend has not answered yet. */
  pendingCount = 0;
  isFaulty = false;
  markup = '';

  private constructor(origins: () => readonly string[], random: Random) {
    this.#origins = origins;
    this.#random = random;
    const app = new Hono<{ Bindings: HttpBindings }>();
    // The browser aborted its request while the body was read.
    app.onError((_error, c) => c.body(null));
    app.get('/', (c) => c.html(this.markup));
    app.get('/dist/:name', async (c) =>
      c.body(await readFile(`dist/${c.req.param('name')}`), 200, {
        'content-type': 'text/javascript',
      }),
    );
    app.all('/api/*', async (c) => {
      const { incoming, outgoing } = c.env;
      const fault = this.isFaulty ? faultFor(c.req.path, random) : undefined;
      if (fault) await this.#recordFault(c.req.raw.clone(), fault);
      if (fault === '429') return c.json({}, 429, { 'retry-after': '1' });
      if (fault === '500') return c.json({}, 500);
      if (fault === 'slow') await setTimeout(1500);
      const isForwarded = fault !== 'drop before' && fault !== 'hang before';
      const answer = isForwarded ? await this.#forwardAndRecord(c.req.raw) : undefined;
      if (fault === 'hang in the body')
        return new Response(new ReadableStream(), { headers: json });
      // Hangs until the browser gives up.
      if (fault?.startsWith('hang') && !outgoing.destroyed) await once(outgoing, 'close');
      if (!answer || fault === 'drop after') incoming.socket.destroy();
      return answer ?? c.body(null);
    });
    this.#server = createAdaptorServer({ fetch: app.fetch });
  }

  /** @param origins the processes that a load balancer would consider alive */
  static async start(origins: () => readonly string[], random: Random): Promise<FaultyProxy> {
    const proxy = new FaultyProxy(origins, random);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  /** A different site from AuthKit's, as in production. */
  get origin(): string {
    return `http://localhost:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Forwards a request to one of the processes and records what it did to the connection. */
  async #forwardAndRecord(request: Request): Promise<Response> {
    const { method } = request;
    const text = request.body ? await request.text() : undefined;
    const key = keyOf(request, text);
    const wasDeleted = key !== undefined && this.deleted.has(key);
    if (key !== undefined && method === 'DELETE') this.deletionsInDoubt.add(key);
    this.pendingCount += 1;
    try {
      const answer = await this.#forward(request, text);
      const { status, ok } = answer;
      if (status >= 400) this.#count(`${method} answered ${status}`);
      if (key !== undefined) this.#record(key, method, status);
      if (key !== undefined && ok) this.#onSuccess(key, method, wasDeleted);
      return answer;
    } catch {
      this.#count(`${method} not answered`);
      if (key !== undefined) this.#record(key, method, 'not answered');
      return Response.json({ error: 'bad-gateway' }, { status: 502 });
    } finally {
      this.pendingCount -= 1;
    }
  }

  async #forward(request: Request, body: string | undefined): Promise<Response> {
    const { method, signal } = request;
    const { pathname, search } = new URL(request.url);
    const headers = new Headers(request.headers);
    headers.delete('host');
    headers.delete('connection');
    // The backend would compare the origin with its own host, which differs from the proxy's. Requests from AuthKit's
    // page need it, as they come from another site.
    if (pathname.startsWith('/api/connections')) headers.delete('origin');
    const origin = this.#random.of(this.#origins());
    const answer = await fetch(origin + pathname + search, { method, headers, body, signal });
    const answerHeaders = new Headers(answer.headers);
    for (const name of ['content-encoding', 'content-length']) answerHeaders.delete(name);
    return new Response(answer.body, { status: answer.status, headers: answerHeaders });
  }

  /** @param wasDeleted whether the key was deleted before this request: one deleted during a save stays deleted */
  #onSuccess(key: string, method: string, wasDeleted: boolean): void {
    if (method === 'POST') {
      this.saved.add(key);
      if (wasDeleted && this.deleted.delete(key)) this.savedAgain.add(key);
    } else {
      this.deleted.add(key);
      this.deletionsInDoubt.delete(key);
    }
  }

  /** Describes the requests for a key and their outcomes, for people who debug a failure. */
  historyOf(key: string): string {
    return this.#history.get(key)?.join(', ') ?? 'never sent';
  }

  async #recordFault(request: Request, fault: Fault): Promise<void> {
    this.#count(`${request.method} ${fault}`);
    const key = keyOf(request, request.body ? await request.text() : undefined);
    if (key !== undefined) this.#record(key, request.method, fault);
  }

  #record(key: string, method: string, outcome: number | string): void {
    const time = new Date().toISOString().slice(11, 19);
    this.#history.set(key, [...(this.#history.get(key) ?? []), `${time} ${method} ${outcome}`]);
  }

  #count(name: string): void {
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    if ('closeAllConnections' in this.#server) this.#server.closeAllConnections();
    await closed;
  }
}

const json = { 'content-type': 'application/json' };

function faultFor(path: string, random: Random): Fault | undefined {
  const failuresInTen = failureRates.find(([pattern]) => pattern.test(path))?.[1] ?? 0;
  return random.next() * 10 < failuresInTen ? random.of(faults) : undefined;
}

/** The key of the connection that a request saves or deletes, if it does. */
function keyOf({ url, method }: Request, body: string | undefined): string | undefined {
  const { pathname } = new URL(url);
  if (method === 'POST' && pathname === '/api/connections') {
    return (JSON.parse(body ?? '') as { connection_key: string }).connection_key;
  }
  if (method !== 'DELETE') return undefined;
  return decodeURIComponent(pathname.split('/').at(-1) ?? '');
}
