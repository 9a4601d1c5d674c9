import type { Owner } from './vault.js';

/**
 * The owner behind each token. The backend names the identity when it creates the token. The hosted page sees only the
 * token's `requestId`, and sends it along when it creates a connection.
 */
export class LinkSessions {
  readonly #owners = new Map<number, Owner>();

  begin(owner: Owner): number {
    const requestId = randomId();
    this.#owners.set(requestId, owner);
    return requestId;
  }

  /** Empty for a token that this sandbox did not issue, such as one written by hand in a test. */
  ownerOf(requestId: number | undefined): Owner {
    return (requestId === undefined ? undefined : this.#owners.get(requestId)) ?? {};
  }
}

/** Uses all 53 bits of a safe integer: someone who guesses an id could create connections for its owner. */
function randomId(): number {
  const [high = 0, low = 0] = crypto.getRandomValues(new Uint32Array(2));
  return (high >>> 11) * 2 ** 32 + low;
}
