import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { getRequestListener } from '@hono/node-server';
import { serveStatic } from '@hono/node-server/serve-static';
import { AuthKitToken } from '@picahq/authkit-token';
import { Hono } from 'hono';
import { cors } from 'hono/cors';
import type { Sandbox } from '../../sandbox/server.js';

/** A row of the host's table of connections. */
export interface Row {
  connection_key: string;
  platform: string;
}

/** Serves the endpoints and the script, on another origin than the CMS. Treats everybody as the same user. */
export interface Host {
  origin: string;
  /** Stored connections, by key. */
  rows: Map<string, Row>;
  close(): Promise<void>;
}

const built = fileURLToPath(new URL('../../../dist', import.meta.url));

/** @param cms the origin whose pages may call the endpoints. AuthKit's page may also request tokens. */
export async function startHost(cms: string, sandbox: Sandbox): Promise<Host> {
  const rows = new Map<string, Row>();
  const app = new Hono();

  app.use('/api/authkit/token', cors({ origin: [cms, sandbox.origin] }));
  app.post('/api/authkit/token', async (context) => {
    const pica = new AuthKitToken('sk_test_sandbox', { baseUrl: sandbox.origin });
    const token: unknown = await pica.create({ identity: 'ada', identityType: 'user' });
    return context.json(token as object);
  });

  app.use('/api/connections/*', cors({ origin: cms }));
  app.get('/api/connections', (context) => context.json([...rows.values()]));
  app.post('/api/connections', async (context) => {
    const row = await context.req.json<Row>();
    rows.set(row.connection_key, row);
    return context.json(row, 201);
  });
  app.delete('/api/connections/:key', (context) => {
    rows.delete(context.req.param('key'));
    return context.body(null, 204);
  });

  app.use('/*', serveStatic({ root: built }));

  const answer = getRequestListener(app.fetch);
  const server = createServer((request, response) => void answer(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    rows,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** The plugin's settings, as in its comment, but with the addresses of this machine. */
export const settingsFor = (host: Host, sandbox: Sandbox): Record<string, string> => ({
  'token-url': `${host.origin}/api/authkit/token`,
  'connections-url': `${host.origin}/api/connections`,
  'base-url': `${sandbox.origin}/authkit`,
  placeholders: '',
});

/** Reads a page from wordpress/pages/, and replaces its example addresses with those of this machine. */
export async function readPage(name: string, host: Host, sandbox: Sandbox): Promise<string> {
  const page = await readFile(new URL(`wordpress/pages/${name}.html`, import.meta.url), 'utf8');
  return page
    .replaceAll(/https:\/\/(cdn\.)?example(\.com)?/g, host.origin)
    .replaceAll(/(data-)?token-url=/g, `$1base-url="${sandbox.origin}/authkit" $&`);
}
