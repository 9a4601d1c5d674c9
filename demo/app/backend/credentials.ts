import { Hono } from 'hono';
import { z } from 'zod';
import { credentialFor, purposes } from './signed-credential.js';
import { Problem } from './problem.js';
import { sessionUser } from './session.js';
import type { SiteGuards } from './same-site.js';
import type { Authentication } from './authentication.js';
import { onlyJson, validJson } from './validation.js';

const credentialRequestSchema = z.object({
  purpose: z.enum(purposes),
  /** The user that the page shows as signed in. */
  user: z.string().optional(),
});

/** Gives credentials to the signed-in user's pages, because AuthKit's page requests the token without cookies. */
export function credentialRoutes(
  { cookieSecrets, credentialSecrets: [secret] }: Authentication,
  onlyFromThisSite: SiteGuards['onlyFromThisSite'],
) {
  return new Hono()
    .use(onlyJson, onlyFromThisSite)
    .post('/', validJson(credentialRequestSchema), async (context) => {
      // Only with the session: otherwise a credential could be renewed forever.
      const signedIn = await sessionUser(context, cookieSecrets);
      if (!signedIn) throw new Problem(401, 'user-missing', 'Nobody is signed in.');
      const { purpose, user = signedIn } = context.req.valid('json');
      if (user !== signedIn) {
        throw new Problem(
          409,
          'user-mismatch',
          'The page shows another user than the one who is signed in.',
          'Load the page again: somebody else has signed in since.',
        );
      }
      return context.json({ credential: credentialFor(purpose, user, secret) });
    });
}
