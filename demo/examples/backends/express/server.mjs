import cors from 'cors';
import express from 'express';
import { connectionsOf, deleteConnection, saveConnection } from './connections.mjs';
import { userOf } from './credential.mjs';
import { createToken } from './pica.mjs';

const { CREDENTIAL_SECRET, AUTHKIT_ORIGIN, PORT } = process.env;
if (!CREDENTIAL_SECRET) throw new Error('Set CREDENTIAL_SECRET.');
const app = express();

/** Sets request.user from the credential. Replace this with your own authentication. */
const requireUser = (purpose) => (request, response, next) => {
  request.user = userOf(purpose, request.get('authorization'), CREDENTIAL_SECRET);
  if (!request.user) return response.status(401).json({ error: 'Sign in first.' });
  next();
};

/** Blocks forms from other sites: browsers send them without a preflight, but not JSON. */
function requireJson(request, response, next) {
  if (!request.is('application/json')) return response.status(415).json({ error: 'Send JSON.' });
  next();
}

const upTo16KiB = express.json({ limit: 16 * 1024 });

/** Aborts when the client disconnects, so that no more requests go to Pica for it. */
function clientSignal(response) {
  const controller = new AbortController();
  response.on('close', () => controller.abort());
  return controller.signal;
}

// AuthKit's page calls this from its own origin. It must be able to read errors too.
const fromAuthKit = cors({
  origin: AUTHKIT_ORIGIN || 'https://authkit.picaos.com',
  methods: ['POST', 'OPTIONS'],
  allowedHeaders: ['authorization', 'content-type'],
  maxAge: 600,
});
app
  .route('/api/authkit/token')
  .all(fromAuthKit) // also answers OPTIONS
  .post(requireUser('token'), async (request, response) => {
    response.json(await createToken(request.user, clientSignal(response)));
  })
  .all((request, response) => {
    response.set('Allow', 'POST, OPTIONS').status(405).json({ error: 'Use POST.' });
  });

app
  .route('/api/connections')
  .get(requireUser('connections'), async (request, response) => {
    response.json(await connectionsOf(request.user, clientSignal(response)));
  })
  .post(requireJson, requireUser('connections'), upTo16KiB, async (request, response) => {
    const signal = clientSignal(response);
    const { status, body, headers = {} } = await saveConnection(request.user, request.body, signal);
    response.status(status).set(headers).json(body);
  });
app.delete('/api/connections/:key', requireUser('connections'), (request, response) => {
  if (deleteConnection(request.user, request.params.key)) return response.status(204).end();
  response.status(404).json({ error: 'There is no such connection.' });
});

app.use((request, response) => {
  response.status(404).json({ error: 'There is no such endpoint.' });
});

// Otherwise, Express shows visitors the stack of an error.
app.use((error, request, response, _next) => {
  const { status = 500, headers = {} } = error;
  console.error(status === 500 ? error : error.message);
  response.status(status).set(headers).json({ error: 'Something went wrong.' });
});

app.listen(Number(PORT || 3000), '127.0.0.1');
