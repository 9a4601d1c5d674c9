import { createMiddleware } from 'hono/factory';
import { z } from 'zod';
import { Problem } from './problem.js';
import { sessionUser } from './session.js';

export interface UserEnvironment {
  Variables: { user: string };
}

/** Pica advises against spaces and colons in an identity: connection keys are put together with them. */
const userIdSchema = z
  .string()
  .max(128)
  .regex(/^[^\s:\p{Cc}]+$/u);

/**
 * Who is asking: the session's user, or the one in `x-user-id`.
 *
 * AuthKit's page calls the token endpoint from its own origin, without this site's cookies, so the elements send
 * the user as a header. A plain id proves nothing: anybody can write one. A real host puts a short-lived signed
 * value there (a JWT, say), verifies it here, and takes the user from it. `token-headers` as a function fetches a
 * fresh one for each opening.
 */
export const requireUser = (cookieSecret: string) =>
  createMiddleware<UserEnvironment>(async (context, next) => {
    const signedIn = await sessionUser(context, cookieSecret);
    const named = context.req.header('x-user-id');
    // Another tab has signed somebody else in: what this one asks for is not theirs to get.
    if (signedIn && named && signedIn !== named) {
      throw new Problem(
        409,
        'user-mismatch',
        'x-user-id names another user than the one who is signed in.',
        'Load the page again: somebody else has signed in since.',
      );
    }
    const user = signedIn ?? named;
    if (!user) {
      throw new Problem(
        401,
        'user-missing',
        'Nobody is signed in.',
        'Sign in at /api/session, or send the user as the header x-user-id.',
      );
    }
    if (!userIdSchema.safeParse(user).success) {
      throw new Problem(
        400,
        'user-invalid',
        'x-user-id must be 1 to 128 characters, without spaces and colons.',
      );
    }
    context.set('user', user);
    await next();
  });
