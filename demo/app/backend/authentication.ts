import type { Context } from 'hono';
import { createMiddleware } from 'hono/factory';
import { z } from 'zod';
import { purposeOf, userOf, type Purpose } from './signed-credential.js';
import { Problem } from './problem.js';
import type { SiteGuards } from './same-site.js';
import { sessionUser } from './session.js';

/** What tells who asks. Of secrets the first signs, and the others still count. */
export interface Authentication {
  cookieSecrets: readonly [string, ...string[]];
  credentialSecrets: readonly [string, ...string[]];
  isFromThisSite: SiteGuards['isFromThisSite'];
  /** Whether `x-user-id` is believed: anybody can be anybody then. For tests, on a machine of your own. */
  trustsPlainIds: boolean;
}

export interface UserEnvironment {
  Variables: { user: string };
}

/** Pica advises against spaces and colons in an identity: connection keys are put together with them. */
const userIdSchema = z
  .string()
  .max(128)
  .regex(/^[^\s:\p{Cc}]+$/u);

/**
 * Who is asking: the session's user, or the one whose credential the request carries.
 *
 * AuthKit's page calls the token endpoint from its own origin, without this site's cookies, so the elements send a
 * credential as a header. It travels in an address, so it opens nothing else: for the lists there are others.
 */
export const requireUser = (purpose: Purpose, authentication: Authentication) =>
  createMiddleware<UserEnvironment>(async (context, next) => {
    const signedIn = await sessionUser(context, authentication.cookieSecrets);
    const named = namedUser(context, purpose, authentication);
    // Another tab has signed somebody else in: what this one asks for is not theirs to get.
    if (signedIn && named && signedIn !== named) {
      throw new Problem(
        409,
        'user-mismatch',
        'The request names another user than the one who is signed in.',
        'Load the page again: somebody else has signed in since.',
      );
    }
    const user = named ?? signedIn;
    if (!user) {
      throw new Problem(
        401,
        'user-missing',
        'Nobody is signed in.',
        'Sign in at /api/session, or send a credential for this purpose.',
      );
    }
    // A cookie comes along with what another site's page asks for; a credential has to be known.
    if (!named && !authentication.isFromThisSite(context)) {
      throw new Problem(403, 'origin-refused', 'Only pages of this site may do that.');
    }
    if (!userIdSchema.safeParse(user).success) {
      throw new Problem(
        400,
        'user-invalid',
        "A user's id must be 1 to 128 characters, without spaces and colons.",
      );
    }
    context.set('user', user);
    await next();
  });

function namedUser(
  context: Context,
  purpose: Purpose,
  authentication: Authentication,
): string | undefined {
  const [, credential] = /^Bearer (.+)$/i.exec(context.req.header('authorization') ?? '') ?? [];
  // Elements without request-headers send those of the token along, which say nothing here.
  const isForToken = credential !== undefined && purposeOf(credential) === 'token';
  if (credential !== undefined && (purpose === 'token' || !isForToken)) {
    const user = userOf(credential, purpose, authentication.credentialSecrets);
    if (user !== undefined) return user;
    throw new Problem(
      401,
      'credential-invalid',
      'The credential has expired, is for something else, or was not signed here.',
      'Give token-headers and request-headers as functions that fetch a fresh one each.',
    );
  }
  return authentication.trustsPlainIds ? context.req.header('x-user-id') : undefined;
}
