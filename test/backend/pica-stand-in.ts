import type { Server } from 'node:http';
import { createAdaptorServer } from '@hono/node-server';
import { Hono } from 'hono';

export const secret = 'sk_test_1_the-secret-of-the-tests';

export interface ReceivedRequest {
  method: string;
  path: string;
  query: Record<string, string>;
  secret: string | undefined;
  connectionKey: string | undefined;
  acceptEncoding: string | undefined;
  body: unknown;
  /** Aborted when the client disconnects. */
  clientSignal: AbortSignal;
}

type Answer = (request: ReceivedRequest) => Response | Promise<Response>;

/** A stand-in for the Pica API. A test can replace each of its answers. */
export interface PicaStandIn {
  origin: string;
  /** All requests so far, in order. */
  received: ReceivedRequest[];
  /** Path → the answer that a test gives instead of Pica's usual one. */
  answers: Map<string, Answer>;
  /** Puts connections into a user's vault. */
  addToVault(user: string, ...keys: string[]): void;
  /** Removes one from its user's vault. */
  removeFromVault(key: string): void;
  /** The keys in a user's vault. */
  keysInVault(user: string): string[];
  /** Clears the requests, the vault and the replaced answers. */
  reset(): void;
  close(): Promise<void>;
}

export const gmail = {
  id: 1,
  connectionDefId: 7,
  type: 'gmail',
  title: 'Gmail',
  image: 'https://assets.example/gmail.svg',
  environment: 'live',
  tags: [],
  active: true,
};

export const connector = (number: number) => ({
  id: number,
  platform: `platform-${number}`,
  name: `Platform ${number}`,
  category: 'Testing',
  image: `https://assets.example/${number}.svg`,
  description: null,
  oauth: true,
  active: true,
});

interface VaultRow {
  identity: string;
  key: string;
}

/** A row of the vault. */
export const vaultRow = (identity: string, key: string): VaultRow & Record<string, unknown> => ({
  id: `id-of-${key}`,
  ...{ identity, key },
  identityType: 'user',
  platform: 'gmail',
  environment: key.startsWith('test::') ? 'test' : 'live',
  state: 'operational',
});

/** Pica's answer for an unknown secret key. */
const unauthorized = {
  type: 'Unauthorized',
  code: 1001,
  status: 401,
  key: 'err::application::unauthorized',
  message: 'You do not have permission to access this resource',
};

const defaultAnswers: Record<string, Answer> = {
  '/v1/users/flags': () => Response.json({ authkitWhitelist: true }),
  '/v1/authkit': () => Response.json({ rows: [gmail], total: 1, pages: 1, page: 1, requestId: 42 }),
  '/v1/available-connectors': ({ query }) => {
    const page = Number(query.page);
    return Response.json({ rows: [connector(page)], total: 3, pages: 3, page });
  },
};

export async function startPica(): Promise<PicaStandIn> {
  const received: ReceivedRequest[] = [];
  const answers = new Map<string, Answer>();
  const vault: VaultRow[] = [];
  const deleteFromVault = (path: string) => {
    const id = decodeURIComponent(path.replace(/^.*\//, ''));
    const index = vault.findIndex((row) => `id-of-${row.key}` === id);
    return index < 0
      ? new Response(null, { status: 404 })
      : Response.json(vault.splice(index, 1)[0]);
  };
  const listVault: Answer = ({ query }) => {
    const rows = vault.filter(({ identity }) => identity === query.identity);
    const [limit, page] = [Number(query.limit), Number(query.page)];
    return Response.json({
      rows: rows.slice((page - 1) * limit, page * limit),
      total: rows.length,
      pages: Math.ceil(rows.length / limit),
      page,
    });
  };
  const app = new Hono();
  app.all('*', async (context) => {
    const { path } = context.req;
    const text = await context.req.text();
    const request = {
      method: context.req.method,
      path,
      query: context.req.query(),
      secret: context.req.header('x-pica-secret'),
      connectionKey: context.req.header('x-pica-connection-key'),
      acceptEncoding: context.req.header('accept-encoding'),
      body: text === '' ? undefined : (JSON.parse(text) as unknown),
      clientSignal: context.req.raw.signal,
    };
    received.push(request);
    if (request.secret !== secret) return context.json(unauthorized, 401);
    const isVault = path === '/v1/vault/connections';
    const answer = answers.get(path) ?? (isVault ? listVault : defaultAnswers[path]);
    if (answer) return answer(request);
    return request.method === 'DELETE' ? deleteFromVault(path) : context.notFound();
  });
  const server = createAdaptorServer({ fetch: app.fetch }) as Server;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (typeof address !== 'object' || !address) throw new Error('No port');
  return {
    origin: `http://127.0.0.1:${address.port}`,
    received,
    answers,
    addToVault(user, ...keys) {
      for (const key of keys) vault.push(vaultRow(user, key));
    },
    removeFromVault(key) {
      const index = vault.findIndex((row) => row.key === key);
      if (index >= 0) vault.splice(index, 1);
    },
    keysInVault: (user) => vault.filter(({ identity }) => identity === user).map((row) => row.key),
    reset() {
      received.length = 0;
      vault.length = 0;
      answers.clear();
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
