import { z } from 'zod';
import type { LinkSessions } from './link-sessions.js';
import type { OAuthAttempts } from './oauth-attempts.js';
import { recordOf, type Vault } from './vault.js';

/** What the pages need to make a connection. */
export interface ConnectingParts {
  vault: Vault;
  sessions: LinkSessions;
  attempts: OAuthAttempts;
}

/** What both ways of connecting, consent and API key, say about the connection to be made. */
export const wishSchema = z.object({
  platform: z.string().min(1),
  /** The token's; without one that the sandbox knows, the connection belongs to nobody. */
  requestId: z.coerce.number().int().optional(),
  /** What the user called it. */
  name: z.string().max(200).optional(),
});

export type Wish = z.infer<typeof wishSchema>;

export const connect = ({ vault, sessions }: ConnectingParts, wish: Wish) =>
  recordOf(
    vault.add({
      platform: wish.platform,
      name: wish.name?.trim(),
      ...sessions.ownerOf(wish.requestId),
    }),
  );
