import { Hono } from 'hono';
import { every } from 'hono/combine';
import { cors } from 'hono/cors';
import { createMiddleware } from 'hono/factory';
import { timeout } from 'hono/timeout';
import { z } from 'zod';
import type { PicaAccess } from './pica/access.js';
import { createToken, identityTypes } from './pica/token.js';
import { Problem } from './problem.js';
import type { Repairs } from './repairs.js';
import { requireUser } from './user.js';

const identityTypeSchema = z.enum(identityTypes);

const tooSlow = () =>
  new Problem(
    504,
    'pica-timeout',
    'Pica took more than ten seconds to answer.',
    'Try again. If it stays so, look at the network between the host and Pica.',
  );

interface TokenParts {
  pica: PicaAccess;
  repairs: Repairs;
  cookieSecret: string;
}

/** AuthKit's page calls this endpoint from its own origin, so this one alone has CORS. */
export const tokenCors = (authkitOrigin: string) =>
  every(
    allowPrivateNetwork,
    cors({
      // Always the same answer, so that the elements can check it from the host's own page too.
      origin: () => authkitOrigin,
      allowMethods: ['POST', 'OPTIONS'],
      // Without `allowHeaders` every header that is asked for is allowed: which ones a host sends is its affair.
      maxAge: 600,
    }),
  );

export function tokenRoutes({ pica, repairs, cookieSecret }: TokenParts) {
  return (
    new Hono()
      // The package sets no time limit of its own.
      .use(timeout(10_000, tooSlow))
      .post('/', requireUser(cookieSecret), async (context) => {
        const identityType = identityTypeSchema.safeParse(
          context.req.header('x-identity-type') ?? 'user',
        );
        if (!identityType.success) {
          throw new Problem(
            400,
            'identity-type-invalid',
            `x-identity-type must be one of ${identityTypes.join(', ')}.`,
          );
        }
        // The user's own id whatever the type. A host with teams looks up here which team the user is in; it never
        // takes a team from the request.
        const identity = { identity: context.get('user'), identityType: identityType.data };
        // Ahead of what may come of it, which this process may not live to see.
        await repairs.expectConnection(identity.identity);
        return context.json(await createToken(pica, identity));
      })
      .all('/', (context) => {
        context.header('Allow', 'POST, OPTIONS');
        return context.json({ error: 'method-refused', message: 'Use POST.' }, 405);
      })
  );
}

/** Chromium asks before a public page may reach a private address, such as a demo on localhost. */
const allowPrivateNetwork = createMiddleware(async (context, next) => {
  if (context.req.header('access-control-request-private-network') === 'true') {
    context.header('Access-Control-Allow-Private-Network', 'true');
  }
  await next();
});
