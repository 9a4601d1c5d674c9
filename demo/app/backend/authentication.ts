import type { Context } from 'hono';
import { createMiddleware } from 'hono/factory';
import { z } from 'zod';
import { purposeOf, userOf, type Purpose } from './signed-credential.js';
import { Problem } from './problem.js';
import type { SiteGuards } from './same-site.js';
import { sessionUser } from './session.js';

/** How to identify the user of a request. The first secret of each kind signs, and the others are still accepted. */
export interface Authentication {
  cookieSecrets: readonly [string, ...string[]];
  credentialSecrets: readonly [string, ...string[]];
  isFromThisSite: SiteGuards['isFromThisSite'];
  /** Whether to trust the header `x-user-id`, so that anybody can act as any user. For tests only. */
  trustsPlainIds: boolean;
}

export interface UserEnvironment {
  Variables: { user: string };
}

/** Pica advises against spaces and colons in an identity, because it uses them in connection keys. */
const userIdSchema = z
  .string()
  .max(128)
  .regex(/^[^\s:\p{Cc}]+$/u);

/**
 * Identifies the user by the session cookie or by the request's credential.
 *
 * AuthKit's page calls the token endpoint from its own origin, without this site's cookies, so the elements hand it a
 * credential. That credential becomes part of a URL, so it is valid for the token endpoint only. Lists need another one.
 */
export const requireUser = (purpose: Purpose, authentication: Authentication) =>
  createMiddleware<UserEnvironment>(async (context, next) => {
    const signedIn = await sessionUser(context, authentication.cookieSecrets);
    const named = namedUser(context, purpose, authentication);
    // In another tab, a different user has signed in. They must not get the data of this tab's user.
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
    // Browsers send the cookie with other sites' requests, too. They don't do that with a credential.
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
  // Elements without request-headers send their token-headers. Ignore the credential in them here.
  const isForToken = credential !== undefined && purposeOf(credential) === 'token';
  if (credential !== undefined && (purpose === 'token' || !isForToken)) {
    const user = userOf(credential, purpose, authentication.credentialSecrets);
    if (user !== undefined) return user;
    throw new Problem(
      401,
      'credential-invalid',
      'The credential has expired, is for something else, or was not signed here.',
      'Make token-headers and request-headers functions that fetch a new credential each time.',
    );
  }
  return authentication.trustsPlainIds ? context.req.header('x-user-id') : undefined;
}
