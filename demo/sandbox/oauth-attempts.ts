import type { ConnectionRecord } from '@picahq/authkit/dist/types';

export type OAuthOutcome =
  | { status: 'pending' }
  | { status: 'denied' }
  | { status: 'allowed'; connection: ConnectionRecord };

/** What became of each consent page: the page in the popup reports it, AuthKit's page polls for it. */
export class OAuthAttempts {
  readonly #outcomes = new Map<string, OAuthOutcome>();

  settle(attempt: string, outcome: OAuthOutcome) {
    this.#outcomes.set(attempt, outcome);
  }

  /** Polling starts before the popup has loaded, so an attempt nobody has heard of is one still pending. */
  outcomeOf(attempt: string): OAuthOutcome {
    return this.#outcomes.get(attempt) ?? { status: 'pending' };
  }
}
