import type { Context } from 'hono';
import { createMiddleware } from 'hono/factory';
import { z } from 'zod';
import { purposeOf, userOf, type Purpose } from './signed-credential.js';
import { Problem } from './problem.js';
import type { SiteGuards } from './same-site.js';
import { sessionUser } from './session.js';

/** What identifies the user of a request. The first secret of each kind signs, and the others are still accepted. */
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
 * credential. That one is part of a URL on the way, so it is valid for the token only. The lists need another.
 */
export const requireUser = (purpose: Purpose, authentication: Authentication) =>
  createMiddleware<UserEnvironment>(async (context, next) => {
    const signedIn = await sessionUser(context, authentication.cookieSecrets);
    const named = namedUser(context, purpose, authentication);
    // Somebody else has signed in, in another tab. They must not get this tab's user's data.
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
    // Browsers add the cookie to other sites' requests too. A credential has to be known.
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
  // Elements without request-headers send the token's headers. Ignore that credential here.
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
