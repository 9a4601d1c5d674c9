import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { AuthKitToken } from '@picahq/authkit-token';
import { Hono } from 'hono';
import { cors } from 'hono/cors';
import type { Sandbox } from '../../demo/sandbox/server.js';

const page = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Host</title>
<h1>A host page</h1>
<script type="module">
  import { useAuthKit } from '/authkit.js';
  window.authkitEvents = { successes: [], errors: [], closings: [], messages: [] };
  addEventListener('message', ({ data }) => authkitEvents.messages.push(data.messageType));
  window.openAuthKit = (options) => useAuthKit({
    ...options,
    onSuccess: (connection) => authkitEvents.successes.push(connection),
    onError: (error) => authkitEvents.errors.push(error),
    onClose: () => authkitEvents.closings.push(true),
  }).open();
</script>`;

export interface Host {
  origin: string;
  /** The headers of every request to its token endpoint. */
  tokenRequests: Record<string, string>[];
  close: () => Promise<void>;
}

/** Starts a host page with the real AuthKit on its own origin, with working and failing token endpoints. */
export async function startHost(sandbox: Sandbox): Promise<Host> {
  const tokenRequests: Host['tokenRequests'] = [];
  const authkit = await readFile(
    new URL('../../node_modules/@picahq/authkit/dist/index.esm.js', import.meta.url),
    'utf8',
  );

  const app = new Hono();
  app.get('/', (c) => c.html(page));
  app.get('/authkit.js', (c) => c.body(authkit, 200, { 'content-type': 'text/javascript' }));
  app.post('/token-without-cors', (c) => c.json({ rows: [] }));
  app.use('/token/*', cors());
  app.post('/token/good', async (c) => {
    tokenRequests.push(c.req.header());
    const pica = new AuthKitToken('sk_test_sandbox', { baseUrl: sandbox.origin });
    const token: unknown = await pica.create({ identity: 'user-1', identityType: 'user' });
    return c.json(token as object);
  });
  app.post('/token/broken', (c) => c.json({ error: 'broken' }, 500));
  // Answers like a backend that has a wrong secret and passes on AuthKitToken's result unchecked.
  app.post('/token/with-wrong-secret', async (c) => {
    const refusal = await fetch(`${sandbox.origin}/v1/authkit`, {
      method: 'POST',
      headers: { 'x-pica-secret': 'sk_test_other' },
    });
    return c.json((await refusal.json()) as object);
  });

  const answer = getRequestListener(app.fetch);
  const server = createServer((request, response) => void answer(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://localhost:${(server.address() as AddressInfo).port}`,
    tokenRequests,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
