import { createAdaptorServer, type HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import type { Random } from './random.js';

const faults = ['drop before', 'drop after', 'slow', '429', '500'] as const;
type Fault = (typeof faults)[number];

/** What the backend would be asked for, and how many of ten such requests fail. */
const rates: [path: RegExp, ofTen: number][] = [
  [/^\/api\/connections/, 3],
  [/^\/api\/(authkit\/token|integrations)$/, 1],
];

/** What stands before the backend: serves the page, and lets requests through, or not while it is faulty. */
export class Front {
  readonly #server: ReturnType<typeof createAdaptorServer>;
  readonly happened: Record<Fault, number> = {
    'drop before': 0,
    'drop after': 0,
    slow: 0,
    '429': 0,
    '500': 0,
  };
  /** The keys that were sent to the backend, and that it has said to have stored. */
  readonly saved = new Set<string>();
  /** The keys that the backend has said to have taken away since they were last sent to it. */
  readonly deleted = new Set<string>();
  /** Those that were sent to it again afterwards. */
  readonly cameBack = new Set<string>();
  /** Requests that the backend has not answered yet. */
  underWay = 0;
  isFaulty = false;
  markup = '';

  private constructor(backend: string, random: Random) {
    const app = new Hono<{ Bindings: HttpBindings }>();
    app.get('/', (c) => c.html(this.markup));
    app.get('/dist/:name', async (c) =>
      c.body(await readFile(`dist/${c.req.param('name')}`), 200, {
        'content-type': 'text/javascript',
      }),
    );
    app.all('/api/*', async (c) => {
      const fault = this.isFaulty ? faultFor(c.req.path, random) : undefined;
      if (fault) this.happened[fault] += 1;
      if (fault === '429') return c.json({}, 429, { 'retry-after': '1' });
      if (fault === '500') return c.json({}, 500);
      if (fault === 'slow') await setTimeout(1500);
      const answer = fault === 'drop before' ? undefined : await this.#ask(backend, c.req.raw);
      if (!answer || fault === 'drop after') {
        c.env.incoming.socket.destroy();
        return c.body(null);
      }
      return answer;
    });
    this.#server = createAdaptorServer({ fetch: app.fetch });
  }

  static async start(backend: string, random: Random): Promise<Front> {
    const front = new Front(backend, random);
    front.#server.listen(0, '127.0.0.1');
    await once(front.#server, 'listening');
    return front;
  }

  /** Another site than AuthKit's, as it is in the field. */
  get origin(): string {
    return `http://localhost:${(this.#server.address() as AddressInfo).port}`;
  }

  async #ask(backend: string, { url, method, headers, body }: Request): Promise<Response> {
    const { pathname, search } = new URL(url);
    const passed = new Headers(headers);
    passed.delete('host');
    passed.delete('connection');
    // It would be compared with the backend's own host. AuthKit's page is on another one and has to say it.
    if (pathname.startsWith('/api/connections')) passed.delete('origin');
    this.underWay += 1;
    try {
      const text = body ? await new Response(body).text() : undefined;
      const answer = await fetch(backend + pathname + search, {
        method,
        headers: passed,
        body: text,
      });
      if (answer.ok && method === 'POST' && pathname === '/api/connections') {
        const { connection_key } = JSON.parse(text ?? '') as { connection_key: string };
        this.saved.add(connection_key);
        if (this.deleted.delete(connection_key)) this.cameBack.add(connection_key);
      }
      if (answer.ok && method === 'DELETE') {
        this.deleted.add(decodeURIComponent(pathname.split('/').at(-1) ?? ''));
      }
      const answered = new Headers(answer.headers);
      for (const name of ['content-encoding', 'content-length']) answered.delete(name);
      return new Response(answer.body, { status: answer.status, headers: answered });
    } finally {
      this.underWay -= 1;
    }
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    if ('closeAllConnections' in this.#server) this.#server.closeAllConnections();
    await closed;
  }
}

function faultFor(path: string, random: Random): Fault | undefined {
  const ofTen = rates.find(([pattern]) => pattern.test(path))?.[1] ?? 0;
  return random.next() * 10 < ofTen ? random.of(faults) : undefined;
}
