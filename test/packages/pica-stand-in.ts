import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { getRequestListener, type HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import { createMiddleware } from 'hono/factory';
import { answerErrors, sandboxApp } from '../../demo/sandbox/app.js';
import { LinkSessions } from '../../demo/sandbox/link-sessions.js';
import { OAuthAttempts } from '../../demo/sandbox/oauth-attempts.js';
import { pageOf } from '../../demo/sandbox/paging.js';
import { Vault } from '../../demo/sandbox/vault.js';

/** Pica's faults. Bodies of failing responses contain the secret key. */
export const faults = [
  'unauthorized',
  'server-error',
  'redirect',
  'invalid-json',
  'wrong-types',
  'closed-connection',
  'no-response',
  'stalled-body',
  'slow-body',
  'rate-limited',
  'too-many-pages',
  'growing-page-count',
] as const;

export type Fault = (typeof faults)[number];

/** The stand-in's `Retry-After` on the fault "rate-limited". */
export const retryAfterSeconds = 7;

/** A backend's expected response to a token request. It has `Retry-After` only if retrying can help. */
export const expectedErrors: Record<Fault, { status: number; retryAfter: RegExp | null }> = {
  unauthorized: { status: 502, retryAfter: null },
  'server-error': { status: 502, retryAfter: /^\d+$/ },
  redirect: { status: 502, retryAfter: null },
  'invalid-json': { status: 502, retryAfter: null },
  'wrong-types': { status: 502, retryAfter: null },
  'closed-connection': { status: 502, retryAfter: /^\d+$/ },
  'no-response': { status: 504, retryAfter: /^\d+$/ },
  'stalled-body': { status: 504, retryAfter: /^\d+$/ },
  'slow-body': { status: 504, retryAfter: /^\d+$/ },
  'rate-limited': { status: 429, retryAfter: new RegExp(`^${retryAfterSeconds}$`) },
  'too-many-pages': { status: 502, retryAfter: null },
  'growing-page-count': { status: 502, retryAfter: null },
};

/** A request to Pica, or to the target of a redirect. */
interface ReceivedRequest {
  path: string;
  query: URLSearchParams;
  headers: Headers;
}

interface Env {
  Bindings: HttpBindings;
}

/** A stand-in for Pica. Tests fill its vault, and can set faults for single users. */
export class PicaStandIn {
  readonly vault = new Vault('test');
  /** Faults by identity. */
  readonly faults = new Map<string, Fault>();
  /** The fault of `/v1/users/flags`, whose requests name no user. */
  flagsFault: Fault | undefined;
  /** How many more requests for the vault get an empty response, as before the user connected. By identity. */
  readonly staleLookups = new Map<string, number>();
  /** Identities for which the vault returns the rows of all users. */
  readonly identitiesWithAllRows = new Set<string>();
  /** Identities whose rows the vault returns for any identity type, and without a type. */
  readonly identitiesWithoutType = new Set<string>();
  /** Promises that the vault waits for before it responds. By identity. */
  readonly responseGates = new Map<string, Promise<void>>();
  /** The number of requests for each identity, including failed ones. */
  readonly requestCounts = new Map<string, number>();
  /** The identities of requests that the client canceled, in order. */
  readonly abandoned: string[] = [];
  readonly vaultRequests: ReceivedRequest[] = [];
  /** Requests that followed a redirect. */
  readonly redirectedRequests: ReceivedRequest[] = [];
  readonly #servers: Server[] = [];

  private constructor(readonly secret: string) {}

  static async start(secret: string): Promise<PicaStandIn> {
    const pica = new PicaStandIn(secret);
    await pica.#listen(pica.#redirectTarget());
    await pica.#listen(pica.#api());
    return pica;
  }

  get origin(): string {
    return originOf(this.#servers[1]);
  }

  /** Waits until it has received this many requests for an identity. */
  async waitForRequests(identity: string, signal: AbortSignal, count = 1): Promise<void> {
    while ((this.requestCounts.get(identity) ?? 0) < count) await sleep(20, undefined, { signal });
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
      await this.responseGates.get(identity);
      const staleLookups = this.staleLookups.get(identity) ?? 0;
      this.staleLookups.set(identity, staleLookups - 1);
      const page = { limit: Number(query.get('limit')), page: Number(query.get('page')) };
      if (staleLookups > 0) return context.json(pageOf([], page));
      if (this.identitiesWithoutType.has(identity)) {
        const rows = this.vault.list({ identity }).map(({ identityType: _, ...row }) => row);
        return context.json(pageOf(rows, page));
      }
      if (!this.identitiesWithAllRows.has(identity)) return next();
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
      this.requestCounts.set(identity, (this.requestCounts.get(identity) ?? 0) + 1);
      const fault = path === '/v1/users/flags' ? this.flagsFault : this.faults.get(identity);
      const message = `There is no account with the key ${this.secret}.`;
      switch (fault) {
        case undefined:
          return next();
        case 'unauthorized':
          return context.json({ type: 'Unauthorized', message }, 401);
        case 'server-error':
          return context.json({ type: 'InternalServerError', message }, 500);
        case 'redirect': {
          const { pathname, search } = new URL(context.req.url);
          return context.redirect(`${originOf(this.#servers[0])}${pathname}${search}`, 307);
        }
        case 'invalid-json':
          return context.html(`${this.secret}: <h1>${message}</h1>`);
        case 'wrong-types':
          return context.json({ rows: message, pages: message });
        case 'closed-connection':
          context.env.incoming.socket.destroy();
          return context.body(null);
        case 'too-many-pages':
          return context.json({ rows: [{ title: 'Gmail' }], pages: 1_000_000, total: 1 });
        case 'growing-page-count':
          return context.json({
            rows: [{ title: 'Gmail' }],
            pages: Number(context.req.query('page')) + 1,
          });
        case 'rate-limited':
          return context.json({ message }, 429, { 'Retry-After': String(retryAfterSeconds) });
        case 'stalled-body':
        case 'slow-body':
          context.header('content-type', 'application/json');
          return context.body(endlessBody(fault === 'slow-body'));
        case 'no-response':
          context.env.outgoing.once('close', () => this.abandoned.push(identity));
          return new Promise<never>(() => {});
      }
    });
  }

  /** The target of redirects. It accepts every request, as an attacker's server would. */
  #redirectTarget(): Hono<Env> {
    const app = new Hono<Env>();
    app.all('*', (context) => {
      const { path } = context.req;
      const query = new URL(context.req.url).searchParams;
      this.redirectedRequests.push({ path, query, headers: context.req.raw.headers });
      const identity = query.get('identity') ?? '';
      const row = { title: 'Gmail', key: keyOf(identity), identity, identityType: 'user' };
      return context.json({ ...pageOf([row], { limit: 100, page: 1 }), requestId: 1 });
    });
    return app;
  }

  async #listen(app: Hono<Env>): Promise<void> {
    const respond = getRequestListener(app.fetch);
    const server = createServer((request, response) => void respond(request, response));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    this.#servers.push(server);
  }
}

/** A body that starts and never ends. If it is slow, it continues with spaces, which defeats idle timeouts. */
function endlessBody(isSlow: boolean): ReadableStream<Uint8Array> {
  const bytes = (text: string) => new TextEncoder().encode(text);
  let timer: NodeJS.Timeout | undefined;
  return new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(bytes('{"rows": ['));
      if (isSlow) timer = setInterval(() => controller.enqueue(bytes(' ')), 200);
    },
    cancel() {
      clearInterval(timer);
    },
  });
}

/** A user's key in tests. It contains characters that have to be encoded in a URL. */
export const keyOf = (user: string) => `test::gmail::default::abc123|${user}/1 ü%41`;

const originOf = (server: Server | undefined) => {
  if (!server) throw new Error('The stand-in has not started.');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};
