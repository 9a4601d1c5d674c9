import { Hono } from 'hono';
import { every } from 'hono/combine';
import { cors } from 'hono/cors';
import { createMiddleware } from 'hono/factory';
import type { Ownership } from './owner.js';
import type { PicaAccess } from './pica/access.js';
import { createToken } from './pica/create-token.js';
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
      // Give every page the same answer, so that the elements can check it from the host's page, too.
      origin: () => authkitOrigin,
      allowMethods: ['POST', 'OPTIONS'],
      // Without `allowHeaders`, every requested header is allowed. Pages may send any headers.
      maxAge: 600,
    }),
  );

export function tokenRoutes({ pica, repairs, ownership, authentication }: TokenParts) {
  return new Hono<LimitedEnvironment>()
    .post('/', requireUser('token', authentication), async (context) => {
      // This server decides who will own the connections, never the request.
      const owner = await ownership.ownerOf(context.get('user'));
      // Schedule the repair before issuing the token, in case this process ends before the user has connected.
      const signal = context.get('signal');
      await repairs.expectConnection(owner, signal);
      return context.json(await createToken(pica, owner, signal));
    })
    .all('/', (context) => {
      context.header('Allow', 'POST, OPTIONS');
      return context.json({ error: 'method-refused', message: 'Use POST.' }, 405);
    });
}

/** Answers Chromium's preflight for a public page that requests a private address, such as a demo on localhost. */
const allowPrivateNetwork = createMiddleware(async (context, next) => {
  if (context.req.header('access-control-request-private-network') === 'true') {
    context.header('Access-Control-Allow-Private-Network', 'true');
  }
  await next();
});
