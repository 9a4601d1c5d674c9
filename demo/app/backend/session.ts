import { Hono, type Context } from 'hono';
import { deleteCookie, getSignedCookie, setSignedCookie } from 'hono/cookie';
import { z } from 'zod';
import type { SiteGuards } from './same-site.js';
import { onlyJson, validJson } from './validation.js';

/** The users of the demo. There is no password: choosing one is signing in. */
export const demoUsers = [
  { id: 'ada', name: 'Ada Lovelace' },
  { id: 'grace', name: 'Grace Hopper' },
] as const;

const signInSchema = z.object({ user: z.enum(demoUsers.map(({ id }) => id)) });

// The port is not part of what a cookie belongs to: a plain name would meet those of other local servers.
const cookie = 'pica-demo-session';

export function sessionRoutes(
  cookieSecrets: readonly [string, ...string[]],
  onlyFromThisSite: SiteGuards['onlyFromThisSite'],
) {
  return new Hono()
    .use(onlyJson, onlyFromThisSite)
    .get('/', async (context) => {
      const user = await sessionUser(context, cookieSecrets);
      return context.json({
        user: demoUsers.find(({ id }) => id === user) ?? null,
        users: demoUsers,
      });
    })
    .post('/', validJson(signInSchema), async (context) => {
      const { user } = context.req.valid('json');
      // Not `secure`: the demo runs on http, where Safari would drop the cookie. A real host sets it.
      await setSignedCookie(context, cookie, user, cookieSecrets[0], {
        httpOnly: true,
        sameSite: 'Lax',
        maxAge: 7 * 24 * 60 * 60,
      });
      return context.json({ user: demoUsers.find(({ id }) => id === user) });
    })
    .delete('/', (context) => {
      deleteCookie(context, cookie);
      return context.body(null, 204);
    });
}

/**
 * The signed-in user, or undefined where the cookie is missing or was not signed here.
 *
 * @param cookieSecrets the one that cookies are signed with, and older ones that still count
 */
export async function sessionUser(
  context: Context,
  cookieSecrets: readonly string[],
): Promise<string | undefined> {
  for (const secret of cookieSecrets) {
    const user = await getSignedCookie(context, secret, cookie);
    if (user) return user;
  }
  return undefined;
}
