import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { cors } from 'hono/cors';
import { HTTPException } from 'hono/http-exception';
import { connectionsOf, deleteConnection, saveConnection } from './connections.mjs';
import { userOf } from './credential.mjs';
import { createToken } from './pica.mjs';

const { CREDENTIAL_SECRET, AUTHKIT_ORIGIN, PORT } = process.env;
if (!CREDENTIAL_SECRET) throw new Error('Set CREDENTIAL_SECRET.');
const app = new Hono();

/** Sets context.var.user from the credential. Replace this with your own authentication. */
const requireUser = (purpose) => async (context, next) => {
  const user = userOf(purpose, context.req.header('authorization'), CREDENTIAL_SECRET);
  if (!user) throw new HTTPException(401, { message: 'Sign in first.' });
  context.set('user', user);
  await next();
};

/** Blocks forms from other sites: browsers send them without a preflight, but not JSON. */
async function requireJson(context, next) {
  if (!/^application\/json *(;|$)/i.test(context.req.header('content-type') ?? '')) {
    throw new HTTPException(415, { message: 'Send JSON.' });
  }
  await next();
}

const upTo16KiB = bodyLimit({
  maxSize: 16 * 1024,
  onError: (context) => context.json({ error: 'Send 16 KiB at most.' }, 413),
});

// AuthKit's page calls this from its own origin. It must be able to read errors too.
app.use(
  '/api/authkit/token',
  cors({
    origin: AUTHKIT_ORIGIN || 'https://authkit.picaos.com',
    allowMethods: ['POST', 'OPTIONS'],
    allowHeaders: ['authorization', 'content-type'],
    maxAge: 600,
  }),
);
app.post('/api/authkit/token', requireUser('token'), async (context) => {
  // Aborts when the client disconnects, so that no more requests go to Pica for it.
  const { signal } = context.req.raw;
  return context.json(await createToken(context.var.user, signal));
});
app.all('/api/authkit/token', (context) =>
  context.json({ error: 'Use POST.' }, 405, { Allow: 'POST, OPTIONS' }),
);

app.get('/api/connections', requireUser('connections'), async (context) =>
  context.json(await connectionsOf(context.var.user, context.req.raw.signal)),
);

app.post(
  '/api/connections',
  requireJson,
  requireUser('connections'),
  upTo16KiB,
  async (context) => {
    const { signal } = context.req.raw;
    const input = await context.req.json().catch(() => null);
    const { status, body, headers } = await saveConnection(context.var.user, input, signal);
    return context.json(body, status, headers);
  },
);

app.delete('/api/connections/:key', requireUser('connections'), (context) => {
  if (deleteConnection(context.var.user, context.req.param('key'))) return context.body(null, 204);
  throw new HTTPException(404, { message: 'There is no such connection.' });
});

app.notFound((context) => context.json({ error: 'There is no such endpoint.' }, 404));

app.onError((error, context) => {
  if (error instanceof HTTPException) return context.json({ error: error.message }, error.status);
  const { status = 500, headers } = error;
  console.error(status === 500 ? error : error.message);
  return context.json({ error: 'Something went wrong.' }, status, headers);
});

// In Bun, Deno, Cloudflare Workers and others, write `export default app` instead.
serve({ fetch: app.fetch, port: Number(PORT || 3000), hostname: '127.0.0.1' });
