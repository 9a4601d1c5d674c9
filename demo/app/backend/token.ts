import { Hono } from 'hono';
import { every } from 'hono/combine';
import { cors } from 'hono/cors';
import { createMiddleware } from 'hono/factory';
import type { Ownership } from './owner.js';
import type { PicaAccess } from './pica/access.js';
import { createToken } from './pica/token.js';
import type { Repairs } from './repairs.js';
import type { LimitedEnvironment } from './time-limit.js';
import { requireUser, type Authentication } from './authentication.js';

interface TokenParts {
  pica: PicaAccess;
  repairs: Repairs;
  ownership: Ownership;
  authentication: Authentication;
}

/** Only this endpoint has CORS, because AuthKit's page calls it from its own origin. */
export const tokenCors = (authkitOrigin: string) =>
  every(
    allowPrivateNetwork,
    cors({
      // Always the same answer, so that the elements can check it from the host's own page too.
      origin: () => authkitOrigin,
      allowMethods: ['POST', 'OPTIONS'],
      // No `allowHeaders`, so every requested header is allowed: hosts may send any.
      maxAge: 600,
    }),
  );

export function tokenRoutes({ pica, repairs, ownership, authentication }: TokenParts) {
  return new Hono<LimitedEnvironment>()
    .post('/', requireUser('token', authentication), async (context) => {
      // This server decides whose connections these become, never the request.
      const owner = await ownership.ownerOf(context.get('user'));
      // Before the token is issued, in case this process ends before the connection is made.
      const signal = context.get('signal');
      await repairs.expectConnection(owner, signal);
      return context.json(await createToken(pica, owner, signal));
    })
    .all('/', (context) => {
      context.header('Allow', 'POST, OPTIONS');
      return context.json({ error: 'method-refused', message: 'Use POST.' }, 405);
    });
}

/** Chromium's preflight before a public page reaches a private address, such as a demo on localhost. */
const allowPrivateNetwork = createMiddleware(async (context, next) => {
  if (context.req.header('access-control-request-private-network') === 'true') {
    context.header('Access-Control-Allow-Private-Network', 'true');
  }
  await next();
});
