import { Hono, type Context } from 'hono';
import { deleteCookie, getSignedCookie, setSignedCookie } from 'hono/cookie';
import { z } from 'zod';
import type { SiteGuards } from './same-site.js';
import { onlyJson, validJson } from './validation.js';

/** The demo's users. There are no passwords: anybody can sign in as any of them. */
export const demoUsers = [
  { id: 'ada', name: 'Ada Lovelace' },
  { id: 'grace', name: 'Grace Hopper' },
] as const;

const signInSchema = z.object({ user: z.enum(demoUsers.map(({ id }) => id)) });

// Cookies ignore the port, so a common name would clash with the cookies of other servers on localhost.
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
      // Not `secure`, because the demo runs on http, where Safari would drop such a cookie. Set it in your backend.
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
 * @param cookieSecrets the current one and older ones that are still accepted
 * @returns the signed-in user; undefined if the cookie is missing or wasn't signed here
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
