import { createHmac, timingSafeEqual } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { AuthKitToken } from '@picahq/authkit-token';
import cors from 'cors';
import express from 'express';

const { PICA_SECRET_KEY, CREDENTIAL_SECRET, PICA_API, AUTHKIT_ORIGIN, PORT } = process.env;
if (!PICA_SECRET_KEY || !CREDENTIAL_SECRET) {
  throw new Error('Set PICA_SECRET_KEY and CREDENTIAL_SECRET.');
}
const app = express();

/** Puts the user whose credential it is into request.user: "user.expires.signature". Yours may be any other. */
function requireUser(request, response, next) {
  const credential = (request.get('authorization') ?? '').replace(/^Bearer /, '');
  const [, signed, user, expires, signature] =
    /^((.+)\.(\d+))\.([0-9a-f]{64})$/.exec(credential) ?? [];
  if (!signed) return response.status(401).json({ error: 'Sign in first.' });
  const expected = createHmac('sha256', CREDENTIAL_SECRET).update(signed).digest();
  const isValid = timingSafeEqual(Buffer.from(signature, 'hex'), expected);
  if (!isValid || Number(expires) < Date.now() / 1000) {
    return response.status(401).json({ error: 'Sign in again.' });
  }
  request.user = user;
  next();
}

// AuthKit's page calls this one, from its own origin; it has to be able to read refusals as well.
const fromAuthKit = cors({
  origin: AUTHKIT_ORIGIN || 'https://authkit.picaos.com',
  methods: ['POST', 'OPTIONS'],
  allowedHeaders: ['authorization', 'content-type'],
  maxAge: 600,
});
app
  .route('/api/authkit/token')
  .all(fromAuthKit) // answers OPTIONS, too
  .post(requireUser, async (request, response) => {
    const pica = new AuthKitToken(PICA_SECRET_KEY, {
      baseUrl: PICA_API || 'https://api.picaos.com',
    });
    // It throws nothing: with a wrong key it returns Pica's error, without a network undefined.
    const token = await pica
      .create({ identity: request.user, identityType: 'user' })
      .catch(() => undefined);
    if (!token?.rows) return response.status(502).json({ error: 'Pica gave no token.' });
    response.json(token);
  })
  .all((request, response) => {
    response.set('Allow', 'POST, OPTIONS').status(405).json({ error: 'Use POST.' });
  });

// Read and written without a pause in between, so that one process never loses a row: for more, use your database.
const file = 'connections.json';
const stored = () => (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : []);
const store = (rows) => writeFileSync(file, JSON.stringify(rows, null, 2));

app.use('/api/connections', express.json(), requireUser);

app.get('/api/connections', (request, response) => {
  response.json(stored().filter((row) => row.user === request.user));
});

app.post('/api/connections', (request, response) => {
  const { user, body } = request;
  const {
    platform,
    connection_key,
    environment = 'live',
    state = 'operational',
    name,
  } = body ?? {};
  const isText = (value) => typeof value === 'string' && value !== '' && value.length <= 500;
  if (![platform, connection_key, environment, state, name ?? 'none'].every(isText)) {
    return response.status(400).json({ error: 'platform and connection_key are texts.' });
  }
  const rows = stored();
  const before = rows.find((row) => row.connection_key === connection_key);
  if (before && before.user !== user) {
    return response.status(409).json({ error: 'This connection is another user’s.' });
  }
  const created_at = before?.created_at ?? new Date().toISOString();
  const row = { user, platform, connection_key, environment, state, name, created_at };
  store([...rows.filter((other) => other !== before), row]);
  response.status(before ? 200 : 201).json(row);
});

app.delete('/api/connections/:key', (request, response) => {
  const { user, params } = request;
  const rows = stored();
  const row = rows.find((other) => other.connection_key === params.key && other.user === user);
  // Another user's is answered like one that is not there: nobody learns that it is.
  if (!row) return response.status(404).json({ error: 'There is no such connection.' });
  store(rows.filter((other) => other !== row));
  response.status(204).end();
});

app.listen(Number(PORT || 3000), '127.0.0.1');
