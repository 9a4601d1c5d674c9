import { z } from 'zod';
import type { LinkSessions } from './link-sessions.js';
import type { OAuthAttempts } from './oauth-attempts.js';
import { recordOf, type Vault } from './vault.js';

/** The state of the sandbox that making a connection needs. */
export interface ConnectParts {
  vault: Vault;
  sessions: LinkSessions;
  attempts: OAuthAttempts;
}

/** What a request for a connection says, whether the user gives consent or types an API key. */
export const connectionRequestSchema = z.object({
  platform: z.string().min(1),
  /** From the token. Without one that the sandbox issued, the connection has no owner. */
  requestId: z.coerce.number().int().optional(),
  /** The user's name for the connection. */
  name: z.string().max(200).optional(),
});

export type ConnectionRequest = z.infer<typeof connectionRequestSchema>;

export const connect = ({ vault, sessions }: ConnectParts, request: ConnectionRequest) =>
  recordOf(
    vault.add({
      platform: request.platform,
      name: request.name?.trim(),
      ...sessions.ownerOf(request.requestId),
    }),
  );
