import type { HttpBindings } from '@hono/node-server';
import { Hono, type Context } from 'hono';
import { corsHeaders, openCors } from './cors.js';
import type { Behaviour, Control, ReceivedRequest, Row } from './protocol.js';

interface Environment {
  Bindings: HttpBindings;
}

interface Answer {
  status: number;
  body?: unknown;
}

interface Scope {
  connections: Row[];
  integrations: Row[];
  token: unknown;
  behaviour: Behaviour[];
  requests: ReceivedRequest[];
  /** Lets a held request go on, by its index. */
  held: Map<number, () => void>;
}

const names = ['Gmail', 'Google Calendar', 'Slack'];

/** As `AuthKitToken#create` answers: one row a connector. */
const defaultToken = {
  rows: names.map((title, index) => ({
    id: index + 1,
    connectionDefId: `conn_def::${title.toLowerCase().replace(' ', '-')}`,
    type: 'oauth',
    title,
    image: '',
    environment: 'test',
    tags: [],
    active: true,
  })),
  page: 1,
  pages: 1,
  total: names.length,
  requestId: 1,
  isWhiteLabel: false,
};

const defaultIntegrations = names.map((name) => ({
  platform: name.toLowerCase().replace(' ', '-'),
  name,
  category: name === 'Slack' ? 'Communication' : 'Productivity',
  image: '',
  description: '',
}));

/**
 * A host's backend whose behaviour a test chooses. The first part of the path is a scope, any
 * string that the test makes up, so tests never see each other's data.
 */
export const createEndpoints = (): Hono<Environment> => {
  const scopes = new Map<string, Scope>();
  const scopeOf = (context: Context): Scope => {
    const name = context.req.param('scope') ?? '';
    let scope = scopes.get(name);
    if (!scope) {
      scope = {
        connections: [],
        integrations: defaultIntegrations,
        token: defaultToken,
        behaviour: [],
        requests: [],
        held: new Map(),
      };
      scopes.set(name, scope);
    }
    return scope;
  };

  const app = new Hono<Environment>();

  for (const path of ['control', 'release', 'requests']) {
    app.use(`/:scope/${path}`, openCors({ preflight: 'here' }));
  }
  app.post('/:scope/control', async (context) => {
    const { connections, integrations, ...rest } = await context.req.json<Control>();
    Object.assign(scopeOf(context), rest, {
      ...(connections && { connections: connections.rows }),
      ...(integrations && { integrations: integrations.rows }),
    });
    return context.body(null, 204);
  });
  app.post('/:scope/release', async (context) => {
    const { index } = await context.req.json<{ index?: number }>();
    const { held } = scopeOf(context);
    for (const [key, letGo] of held) {
      if (index === undefined || index === key) letGo();
    }
    return context.body(null, 204);
  });
  app.get('/:scope/requests', (context) => context.json(scopeOf(context).requests));

  app.all('/:scope/:path{.+}', async (context) => {
    const scope = scopeOf(context);
    const request = await record(context, scope);
    const rule = takeRule(scope, request);
    if (rule?.drop) {
      request.state = 'dropped';
      context.env.incoming.socket.destroy();
      return context.body(null);
    }
    // What is refused changes nothing.
    const isRefused = rule?.status !== undefined && rule.status >= 300;
    const changesNothing = isRefused || request.method === 'OPTIONS';
    const answer = changesNothing ? { status: 204 } : settle(scope, request);
    if (rule?.hold) {
      request.state = 'held';
      await new Promise<void>((letGo) => {
        scope.held.set(request.index, letGo);
        context.req.raw.signal.addEventListener('abort', () => {
          letGo();
        });
      });
      scope.held.delete(request.index);
    }
    if (rule?.delay) await new Promise((resolve) => setTimeout(resolve, rule.delay));
    if (!context.req.raw.signal.aborted) request.state = 'answered';
    return respond(context, answer, rule);
  });
  return app;
};

const record = async (context: Context, scope: Scope): Promise<ReceivedRequest> => {
  const text = await context.req.text();
  const request: ReceivedRequest = {
    index: scope.requests.length,
    method: context.req.method,
    path: new URL(context.req.url).pathname.split('/').slice(2).join('/'),
    query: context.req.query(),
    headers: context.req.header(),
    body: parsed(text),
    state: 'received',
  };
  scope.requests.push(request);
  context.req.raw.signal.addEventListener('abort', () => {
    if (request.state === 'received' || request.state === 'held') request.state = 'aborted';
  });
  return request;
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};

/** The first rule for this request, counted down. */
const takeRule = (scope: Scope, { method, path }: ReceivedRequest): Behaviour | undefined => {
  const rule = scope.behaviour.find(
    (candidate) =>
      (candidate.method ?? (method === 'OPTIONS' ? undefined : method)) === method &&
      (path === candidate.path || path.startsWith(`${candidate.path}/`)) &&
      candidate.times !== 0,
  );
  if (rule?.times !== undefined) rule.times -= 1;
  return rule;
};

/** The ordinary answer, and what the request changes. */
const settle = (scope: Scope, { method, path, body }: ReceivedRequest): Answer => {
  const [resource, encodedKey] = path.split('/');
  const keyOf = (row: Row) => row.connection_key ?? row.key;
  if (resource === 'token' && method === 'POST') return { status: 200, body: scope.token };
  if (resource === 'integrations' && method === 'GET') {
    return { status: 200, body: { rows: scope.integrations } };
  }
  if (resource !== 'connections') return { status: path.includes('/') ? 404 : 405 };
  if (method === 'GET') return { status: 200, body: { rows: [...scope.connections] } };
  if (method === 'POST') {
    const row = body as Row;
    const others = scope.connections.filter((known) => keyOf(known) !== keyOf(row));
    scope.connections = [...others, row];
    return { status: 201, body: row };
  }
  if (method === 'DELETE' && encodedKey) {
    const key = decodeURIComponent(encodedKey);
    const rest = scope.connections.filter((row) => keyOf(row) !== key);
    const found = rest.length < scope.connections.length;
    scope.connections = rest;
    return { status: found ? 204 : 404 };
  }
  return { status: 405 };
};

const respond = (
  context: Context<Environment>,
  answer: Answer,
  rule: Behaviour | undefined,
): Response => {
  const status = rule?.status ?? answer.status;
  const body = rule && 'body' in rule ? rule.body : rule?.status ? undefined : answer.body;
  const headers = new Headers(corsHeaders(context.req.raw));
  if (body !== undefined && typeof body !== 'string') {
    headers.set('content-type', 'application/json');
  }
  for (const [name, value] of Object.entries(rule?.headers ?? {})) {
    if (value === null) headers.delete(name);
    else headers.set(name, value);
  }
  const text = typeof body === 'string' || body === undefined ? body : JSON.stringify(body);
  if (rule?.stall) return new Response(neverEnds(text ?? ''), { status, headers });
  if (rule?.cut) return new Response(breaksOff(context, text ?? ''), { status, headers });
  return new Response([204, 205, 304].includes(status) ? null : text, { status, headers });
};

/** The first half of a body. */
const firstHalf = (text: string) => new TextEncoder().encode(text.slice(0, text.length / 2));

/** The first half of a body; the rest never comes. */
const neverEnds = (text: string): ReadableStream<Uint8Array> =>
  new ReadableStream({
    start: (controller) => {
      controller.enqueue(firstHalf(text));
    },
  });

/** The first half of a body; then the connection is gone. */
const breaksOff = (context: Context<Environment>, text: string): ReadableStream<Uint8Array> =>
  new ReadableStream({
    start: (controller) => {
      controller.enqueue(firstHalf(text));
    },
    // Asked for more: the first half is on its way.
    pull: async () => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      context.env.incoming.socket.destroy();
    },
  });
