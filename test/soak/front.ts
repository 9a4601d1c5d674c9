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

/** What the backend would be asked for, and how many of ten such requests fail. */
const rates: [path: RegExp, ofTen: number][] = [
  [/^\/api\/connections/, 3],
  [/^\/api\/(authkit\/token|integrations)$/, 1],
];

/**
 * What stands before the processes of the backend: serves the page, and lets requests through to any of them, or not
 * while it is faulty.
 */
export class Front {
  readonly #server: ReturnType<typeof createAdaptorServer>;
  readonly #origins: () => readonly string[];
  readonly #random: Random;
  /** How often what went wrong: faults by method, and what the processes answered that was no success. */
  readonly happened = new Map<string, number>();
  /** The keys that were sent to the backend, and that it has said to have stored. */
  readonly saved = new Set<string>();
  /** The keys that the backend has said to have taken away since they were last sent to it. */
  readonly deleted = new Set<string>();
  /** The keys that it was asked to take away and gave no answer, or an error: it may have, or may not. */
  readonly deletionsInDoubt = new Set<string>();
  /** Those that were sent to it again afterwards. */
  readonly cameBack = new Set<string>();
  /** What was sent to the backend for each key, and what came of it. */
  readonly #history = new Map<string, string[]>();
  /** Requests that the backend has not answered yet. */
  underWay = 0;
  isFaulty = false;
  markup = '';

  private constructor(origins: () => readonly string[], random: Random) {
    this.#origins = origins;
    this.#random = random;
    const app = new Hono<{ Bindings: HttpBindings }>();
    // The browser has given up while its request was read.
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
      if (fault) await this.#noteFault(c.req.raw.clone(), fault);
      if (fault === '429') return c.json({}, 429, { 'retry-after': '1' });
      if (fault === '500') return c.json({}, 500);
      if (fault === 'slow') await setTimeout(1500);
      const isLetThrough = fault !== 'drop before' && fault !== 'hang before';
      const answer = isLetThrough ? await this.#ask(c.req.raw) : undefined;
      if (fault === 'hang in the body')
        return new Response(new ReadableStream(), { headers: json });
      // Until the browser gives up.
      if (fault?.startsWith('hang') && !outgoing.destroyed) await once(outgoing, 'close');
      if (!answer || fault === 'drop after') incoming.socket.destroy();
      return answer ?? c.body(null);
    });
    this.#server = createAdaptorServer({ fetch: app.fetch });
  }

  /** @param origins of the processes that a balancer believes to be there */
  static async start(origins: () => readonly string[], random: Random): Promise<Front> {
    const front = new Front(origins, random);
    front.#server.listen(0, '127.0.0.1');
    await once(front.#server, 'listening');
    return front;
  }

  /** Another site than AuthKit's, as it is in the field. */
  get origin(): string {
    return `http://localhost:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Asks one of the processes, for as long as the browser waits for it. */
  async #ask(request: Request): Promise<Response> {
    const { method } = request;
    const text = request.body ? await request.text() : undefined;
    const key = keyOf(request, text);
    const wasDeleted = key !== undefined && this.deleted.has(key);
    if (key !== undefined && method === 'DELETE') this.deletionsInDoubt.add(key);
    this.underWay += 1;
    try {
      const answer = await this.#forward(request, text);
      const { status, ok } = answer;
      if (status >= 400) this.#count(`${method} answered ${status}`);
      if (key !== undefined) this.#note(key, method, status);
      if (key !== undefined && ok) this.#succeeded(key, method, wasDeleted);
      return answer;
    } catch {
      this.#count(`${method} not answered`);
      if (key !== undefined) this.#note(key, method, 'not answered');
      return Response.json({ error: 'bad-gateway' }, { status: 502 });
    } finally {
      this.underWay -= 1;
    }
  }

  async #forward(request: Request, body: string | undefined): Promise<Response> {
    const { method, signal } = request;
    const { pathname, search } = new URL(request.url);
    const headers = new Headers(request.headers);
    headers.delete('host');
    headers.delete('connection');
    // It would be compared with the backend's own host. AuthKit's page is on another one and has to say it.
    if (pathname.startsWith('/api/connections')) headers.delete('origin');
    const origin = this.#random.of(this.#origins());
    const answer = await fetch(origin + pathname + search, { method, headers, body, signal });
    const answered = new Headers(answer.headers);
    for (const name of ['content-encoding', 'content-length']) answered.delete(name);
    return new Response(answer.body, { status: answer.status, headers: answered });
  }

  /** @param wasDeleted before it was sent: what is deleted while it is saved stays deleted */
  #succeeded(key: string, method: string, wasDeleted: boolean): void {
    if (method === 'POST') {
      this.saved.add(key);
      if (wasDeleted && this.deleted.delete(key)) this.cameBack.add(key);
    } else {
      this.deleted.add(key);
      this.deletionsInDoubt.delete(key);
    }
  }

  /** What was sent to the backend for a key, and what came of it, for people who look for the cause. */
  historyOf(key: string): string {
    return this.#history.get(key)?.join(', ') ?? 'never sent';
  }

  async #noteFault(request: Request, fault: Fault): Promise<void> {
    this.#count(`${request.method} ${fault}`);
    const key = keyOf(request, request.body ? await request.text() : undefined);
    if (key !== undefined) this.#note(key, request.method, fault);
  }

  #note(key: string, method: string, outcome: number | string): void {
    const time = new Date().toISOString().slice(11, 19);
    this.#history.set(key, [...(this.#history.get(key) ?? []), `${time} ${method} ${outcome}`]);
  }

  #count(what: string): void {
    this.happened.set(what, (this.happened.get(what) ?? 0) + 1);
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
  const ofTen = rates.find(([pattern]) => pattern.test(path))?.[1] ?? 0;
  return random.next() * 10 < ofTen ? random.of(faults) : undefined;
}

/** The key of the connection that a request is about, if it is about one. */
function keyOf({ url, method }: Request, body: string | undefined): string | undefined {
  const { pathname } = new URL(url);
  if (method === 'POST' && pathname === '/api/connections') {
    return (JSON.parse(body ?? '') as { connection_key: string }).connection_key;
  }
  if (method !== 'DELETE') return undefined;
  return decodeURIComponent(pathname.split('/').at(-1) ?? '');
}
