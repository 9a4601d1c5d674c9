import type { ConnectionRecord } from '@picahq/authkit/dist/types';

export type OAuthOutcome =
  | { status: 'pending' }
  | { status: 'denied' }
  | { status: 'allowed'; connection: ConnectionRecord };

/** The outcome of each consent page. The page in the popup reports it, and AuthKit's page polls for it. */
export class OAuthAttempts {
  readonly #outcomes = new Map<string, OAuthOutcome>();

  settle(attempt: string, outcome: OAuthOutcome) {
    this.#outcomes.set(attempt, outcome);
  }

  /** An unknown attempt is pending: polling starts before the popup has loaded. */
  outcomeOf(attempt: string): OAuthOutcome {
    return this.#outcomes.get(attempt) ?? { status: 'pending' };
  }
}
