import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Hono, type Context } from 'hono';
import { deleteCookie, getSignedCookie, setSignedCookie } from 'hono/cookie';
import { z } from 'zod';
import { onlyFromThisSite } from './same-site.js';
import { validJson } from './validation.js';

/** The users of the demo. There is no password: choosing one is signing in. */
export const demoUsers = [
  { id: 'ada', name: 'Ada Lovelace' },
  { id: 'grace', name: 'Grace Hopper' },
] as const;

const signInSchema = z.object({ user: z.enum(demoUsers.map(({ id }) => id)) });

// The port is not part of what a cookie belongs to: a plain name would meet those of other local servers.
const cookie = 'pica-demo-session';

export function sessionRoutes(cookieSecret: string) {
  return new Hono()
    .use(onlyFromThisSite)
    .get('/', async (context) => {
      const user = await sessionUser(context, cookieSecret);
      return context.json({
        user: demoUsers.find(({ id }) => id === user) ?? null,
        users: demoUsers,
      });
    })
    .post('/', validJson(signInSchema), async (context) => {
      const { user } = context.req.valid('json');
      // Not `secure`: the demo runs on http, where Safari would drop the cookie. A real host sets it.
      await setSignedCookie(context, cookie, user, cookieSecret, {
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

/** The signed-in user, or undefined where the cookie is missing or was not signed here. */
export async function sessionUser(
  context: Context,
  cookieSecret: string,
): Promise<string | undefined> {
  return (await getSignedCookie(context, cookieSecret, cookie)) || undefined;
}

/** What cookies are signed with: kept in the data folder, so that a restart signs nobody out. */
export async function cookieSecretOf(folder: string | undefined): Promise<string> {
  const secret = randomBytes(32).toString('base64url');
  if (!folder) return secret;
  const file = join(folder, 'cookie-secret');
  const kept = await readFile(file, 'utf8').catch(() => '');
  if (kept.length === secret.length) return kept;
  await writeFile(file, secret, { mode: 0o600 });
  return secret;
}
