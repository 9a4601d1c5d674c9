import { createHmac, timingSafeEqual } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { serve } from '@hono/node-server';
import { AuthKitToken } from '@picahq/authkit-token';
import { Hono } from 'hono';
import { cors } from 'hono/cors';
import { HTTPException } from 'hono/http-exception';

const { PICA_SECRET_KEY, CREDENTIAL_SECRET, PICA_API, AUTHKIT_ORIGIN, PORT } = process.env;
if (!PICA_SECRET_KEY || !CREDENTIAL_SECRET) {
  throw new Error('Set PICA_SECRET_KEY and CREDENTIAL_SECRET.');
}
const app = new Hono();

/** The user whose credential it is: "user.expires.signature". Yours may be any other. */
function userOf(context) {
  const credential = (context.req.header('authorization') ?? '').replace(/^Bearer /, '');
  const [, signed, user, expires, signature] =
    /^((.+)\.(\d+))\.([0-9a-f]{64})$/.exec(credential) ?? [];
  if (!signed) throw new HTTPException(401, { message: 'Sign in first.' });
  const expected = createHmac('sha256', CREDENTIAL_SECRET).update(signed).digest();
  const isValid = timingSafeEqual(Buffer.from(signature, 'hex'), expected);
  if (!isValid || Number(expires) < Date.now() / 1000) {
    throw new HTTPException(401, { message: 'Sign in again.' });
  }
  return user;
}

// AuthKit's page calls this one, from its own origin; it has to be able to read refusals as well.
app.use(
  '/api/authkit/token',
  cors({
    origin: AUTHKIT_ORIGIN || 'https://authkit.picaos.com',
    allowMethods: ['POST', 'OPTIONS'],
    allowHeaders: ['authorization', 'content-type'],
    maxAge: 600,
  }),
);
app.post('/api/authkit/token', async (context) => {
  const identity = userOf(context);
  const pica = new AuthKitToken(PICA_SECRET_KEY, { baseUrl: PICA_API || 'https://api.picaos.com' });
  // It throws nothing: with a wrong key it returns Pica's error, without a network undefined.
  const token = await pica.create({ identity, identityType: 'user' }).catch(() => undefined);
  if (!token?.rows) throw new HTTPException(502, { message: 'Pica gave no token.' });
  return context.json(token);
});
app.all('/api/authkit/token', (context) =>
  context.json({ error: 'Use POST.' }, 405, { Allow: 'POST, OPTIONS' }),
);

// Read and written without a pause in between, so that one process never loses a row: for more, use your database.
const file = 'connections.json';
const stored = () => (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : []);
const store = (rows) => writeFileSync(file, JSON.stringify(rows, null, 2));

app.get('/api/connections', (context) => {
  const user = userOf(context);
  return context.json(stored().filter((row) => row.user === user));
});

app.post('/api/connections', async (context) => {
  const user = userOf(context);
  const given = await context.req.json().catch(() => null);
  const {
    platform,
    connection_key,
    environment = 'live',
    state = 'operational',
    name,
  } = given ?? {};
  const isText = (value) => typeof value === 'string' && value !== '' && value.length <= 500;
  if (![platform, connection_key, environment, state, name ?? 'none'].every(isText)) {
    throw new HTTPException(400, { message: 'platform and connection_key are texts.' });
  }
  const rows = stored();
  const before = rows.find((row) => row.connection_key === connection_key);
  if (before && before.user !== user) {
    throw new HTTPException(409, { message: 'This connection is another user’s.' });
  }
  const created_at = before?.created_at ?? new Date().toISOString();
  const row = { user, platform, connection_key, environment, state, name, created_at };
  store([...rows.filter((other) => other !== before), row]);
  return context.json(row, before ? 200 : 201);
});

app.delete('/api/connections/:key', (context) => {
  const user = userOf(context);
  const key = context.req.param('key');
  const rows = stored();
  const row = rows.find((other) => other.connection_key === key && other.user === user);
  // Another user's is answered like one that is not there: nobody learns that it is.
  if (!row) throw new HTTPException(404, { message: 'There is no such connection.' });
  store(rows.filter((other) => other !== row));
  return context.body(null, 204);
});

app.onError((error, context) => {
  if (error instanceof HTTPException) return context.json({ error: error.message }, error.status);
  console.error(error);
  return context.json({ error: 'Something went wrong.' }, 500);
});

// `export default app` instead of this is all that Bun, Deno, Cloudflare Workers and others need.
serve({ fetch: app.fetch, port: Number(PORT || 3000), hostname: '127.0.0.1' });
