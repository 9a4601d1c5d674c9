import type { connectionStates } from './connection-states.js';

/** `test` if the connection was made with a test key. */
export type ConnectionEnvironment = 'live' | 'test';

/**
 * `operational`: healthy. `degraded`: refreshing its credentials failed, and Pica tries again.
 * `failed`: inactive until the user connects again. `unknown`: Pica doesn't say.
 */
export type ConnectionState = keyof typeof connectionStates;

/** A user's connected account. */
export interface Connection {
  /** What the host's backend stores and uses: `live::gmail::default::abc123`. */
  key: string;
  /** The integration's id: `gmail`. */
  platform: string;
  environment: ConnectionEnvironment;
  state: ConnectionState;
  id?: string;
  /** The name that the user or Pica gave this account. */
  name?: string;
  /** Whose connection it is, as the host names them: a user id or a team id. */
  identity?: string;
  identityType?: string;
  /** ISO 8601, in UTC. */
  createdAt?: string;
  /** `false`: the host has stored it but has not found it at Pica yet. Lists show it as being checked. */
  confirmed?: boolean;
  tags?: string[];
  /** Any other data that came with the connection. */
  [other: string]: unknown;
}
