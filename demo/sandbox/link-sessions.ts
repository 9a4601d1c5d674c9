import type { Owner } from './vault.js';

/**
 * Who asked for which token. The backend names the identity when it makes the token; the hosted page only ever sees the
 * token's `requestId` and hands it back when it creates a connection.
 */
export class LinkSessions {
  readonly #owners = new Map<number, Owner>();

  begin(owner: Owner): number {
    const requestId = randomId();
    this.#owners.set(requestId, owner);
    return requestId;
  }

  /** A token that this sandbox did not make (a test's hand-written one) belongs to nobody. */
  ownerOf(requestId: number | undefined): Owner {
    return (requestId === undefined ? undefined : this.#owners.get(requestId)) ?? {};
  }
}

/** Of 53 bits, as many as a number has: whoever guesses one would make connections for its owner. */
function randomId(): number {
  const [high = 0, low = 0] = crypto.getRandomValues(new Uint32Array(2));
  return (high >>> 11) * 2 ** 32 + low;
}
