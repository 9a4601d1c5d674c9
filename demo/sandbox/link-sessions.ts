import type { Owner } from './vault.js';

/**
 * Who asked for which token. The backend names the identity when it makes the token; the hosted page only ever sees the
 * token's `requestId` and hands it back when it creates a connection.
 */
export class LinkSessions {
  readonly #owners = new Map<number, Owner>();
  #latest = 100_000;

  begin(owner: Owner): number {
    this.#owners.set(++this.#latest, owner);
    return this.#latest;
  }

  /** A token that this sandbox did not make (a test's hand-written one) belongs to nobody. */
  ownerOf(requestId: number | undefined): Owner {
    return (requestId === undefined ? undefined : this.#owners.get(requestId)) ?? {};
  }
}
