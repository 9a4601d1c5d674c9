import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener, type HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import { createMiddleware } from 'hono/factory';
import { answerErrors, sandboxApp } from '../../demo/sandbox/app.js';
import { LinkSessions } from '../../demo/sandbox/link-sessions.js';
import { OAuthAttempts } from '../../demo/sandbox/oauth-attempts.js';
import { pageOf } from '../../demo/sandbox/paging.js';
import { Vault } from '../../demo/sandbox/vault.js';

/** The ways in which Pica fails here. Each answer that has a body repeats the secret key in it. */
export const faults = [
  'unauthorized',
  'broken',
  'redirecting',
  'garbled',
  'shapeless',
  'dropped',
  'silent',
  'stalled',
  'dripping',
  'limited',
  'endless',
  'growing',
] as const;

export type Fault = (typeof faults)[number];

/** What the stand-in says in `Retry-After` when it is limited. */
export const limitedForSeconds = 7;

/** What a backend answers for a token, and after how many seconds it may be asked again where that can help. */
export const refusals: Record<Fault, { status: number; retryAfter: RegExp | null }> = {
  unauthorized: { status: 502, retryAfter: null },
  broken: { status: 502, retryAfter: /^\d+$/ },
  redirecting: { status: 502, retryAfter: null },
  garbled: { status: 502, retryAfter: null },
  shapeless: { status: 502, retryAfter: null },
  dropped: { status: 502, retryAfter: /^\d+$/ },
  silent: { status: 504, retryAfter: /^\d+$/ },
  stalled: { status: 504, retryAfter: /^\d+$/ },
  dripping: { status: 504, retryAfter: /^\d+$/ },
  limited: { status: 429, retryAfter: new RegExp(`^${limitedForSeconds}$`) },
  endless: { status: 502, retryAfter: null },
  growing: { status: 502, retryAfter: null },
};

/** What a backend asked Pica for, or whoever a redirect led to. */
interface Asked {
  path: string;
  query: URLSearchParams;
  headers: Headers;
}

interface Env {
  Bindings: HttpBindings;
}

/** Pica as a backend's tests need it: with a vault that tests fill, and faults that strike one user alone. */
export class PicaStandIn {
  readonly vault = new Vault('test');
  /** By identity. */
  readonly faults = new Map<string, Fault>();
  /** What strikes `/v1/users/flags`, which names no user. */
  flagsFault: Fault | undefined;
  /** How many more looks into the vault, by identity, find it as empty as before the user connected. */
  readonly lag = new Map<string, number>();
  /** The identities for which the vault answers with everybody's rows. */
  readonly unfiltered = new Set<string>();
  /** The identities whose rows the vault answers with, whatever type is asked for, and without naming one. */
  readonly untyped = new Set<string>();
  /** What the vault waits for before it answers, by identity. */
  readonly gates = new Map<string, Promise<void>>();
  /** How often each identity was asked for, whether in vain or not. */
  readonly asked = new Map<string, number>();
  /** The identities of requests whose asker hung up before there was an answer, in that order. */
  readonly abandoned: string[] = [];
  readonly vaultRequests: Asked[] = [];
  /** What arrived where redirects lead to. */
  readonly strayed: Asked[] = [];
  readonly #servers: Server[] = [];

  private constructor(readonly secret: string) {}

  static async start(secret: string): Promise<PicaStandIn> {
    const pica = new PicaStandIn(secret);
    await pica.#listen(pica.#thief());
    await pica.#listen(pica.#api());
    return pica;
  }

  get origin(): string {
    return originOf(this.#servers[1]);
  }

  async close(): Promise<void> {
    for (const server of this.#servers) {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    }
  }

  #api(): Hono<Env> {
    const app = answerErrors(new Hono()) as unknown as Hono<Env>;
    app.use('/v1/*', this.#fail());
    app.get('/v1/vault/connections', async (context, next) => {
      const { path } = context.req;
      const query = new URL(context.req.url).searchParams;
      this.vaultRequests.push({ path, query, headers: context.req.raw.headers });
      const identity = query.get('identity') ?? '';
      await this.gates.get(identity);
      const looks = this.lag.get(identity) ?? 0;
      this.lag.set(identity, looks - 1);
      const page = { limit: Number(query.get('limit')), page: Number(query.get('page')) };
      if (looks > 0) return context.json(pageOf([], page));
      if (this.untyped.has(identity)) {
        const rows = this.vault.list({ identity }).map(({ identityType: _, ...row }) => row);
        return context.json(pageOf(rows, page));
      }
      if (!this.unfiltered.has(identity)) return next();
      return context.json(pageOf(this.vault.list(), page));
    });
    const parts = {
      vault: this.vault,
      sessions: new LinkSessions(),
      attempts: new OAuthAttempts(),
    };
    app.route('/', sandboxApp({ secret: this.secret, ...parts }));
    return app;
  }

  #fail() {
    return createMiddleware<Env>(async (context, next) => {
      const { path } = context.req;
      const { identity = context.req.query('identity') ?? '' } = (await context.req
        .json()
        .catch(() => ({}))) as { identity?: string };
      this.asked.set(identity, (this.asked.get(identity) ?? 0) + 1);
      const fault = path === '/v1/users/flags' ? this.flagsFault : this.faults.get(identity);
      const message = `There is no account with the key ${this.secret}.`;
      switch (fault) {
        case undefined:
          return next();
        case 'unauthorized':
          return context.json({ type: 'Unauthorized', message }, 401);
        case 'broken':
          return context.json({ type: 'InternalServerError', message }, 500);
        case 'redirecting': {
          const { pathname, search } = new URL(context.req.url);
          return context.redirect(`${originOf(this.#servers[0])}${pathname}${search}`, 307);
        }
        case 'garbled':
          return context.html(`${this.secret}: <h1>${message}</h1>`);
        case 'shapeless':
          return context.json({ rows: message, pages: message });
        case 'dropped':
          context.env.incoming.socket.destroy();
          return context.body(null);
        case 'endless':
          return context.json({ rows: [{ title: 'Gmail' }], pages: 1_000_000, total: 1 });
        case 'growing':
          return context.json({
            rows: [{ title: 'Gmail' }],
            pages: Number(context.req.query('page')) + 1,
          });
        case 'limited':
          return context.json({ message }, 429, { 'Retry-After': String(limitedForSeconds) });
        case 'stalled':
        case 'dripping':
          context.header('content-type', 'application/json');
          return context.body(bodyWithoutEnd(fault === 'dripping'));
        case 'silent':
          context.env.outgoing.once('close', () => this.abandoned.push(identity));
          return new Promise<never>(() => {});
      }
    });
  }

  /** Where redirects lead to. It says yes to everything, as whoever collects keys would. */
  #thief(): Hono<Env> {
    const app = new Hono<Env>();
    app.all('*', (context) => {
      const { path } = context.req;
      const query = new URL(context.req.url).searchParams;
      this.strayed.push({ path, query, headers: context.req.raw.headers });
      const identity = query.get('identity') ?? '';
      const row = { title: 'Gmail', key: keyOf(identity), identity, identityType: 'user' };
      return context.json({ ...pageOf([row], { limit: 100, page: 1 }), requestId: 1 });
    });
    return app;
  }

  async #listen(app: Hono<Env>): Promise<void> {
    const answer = getRequestListener(app.fetch);
    const server = createServer((request, response) => void answer(request, response));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    this.#servers.push(server);
  }
}

/** Begins, and then goes on with nothing, or with a space now and then, which keeps time limits for silence away. */
function bodyWithoutEnd(isDripping: boolean): ReadableStream<Uint8Array> {
  const bytes = (text: string) => new TextEncoder().encode(text);
  let timer: NodeJS.Timeout | undefined;
  return new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(bytes('{"rows": ['));
      if (isDripping) timer = setInterval(() => controller.enqueue(bytes(' ')), 200);
    },
    cancel() {
      clearInterval(timer);
    },
  });
}

/** The key that tests use for a user: one with everything in it that has to be encoded in an address. */
export const keyOf = (user: string) => `test::gmail::default::abc123|${user}/1 ü%41`;

const originOf = (server: Server | undefined) => {
  if (!server) throw new Error('It has not been started.');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};
