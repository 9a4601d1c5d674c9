import type { CloseReason } from '../events.js';

/**
 * A session in the document's one place for it, whichever copy or version of this library made it. Its form
 * is therefore fixed: something with `end()`, and `isAhead` while it is not open yet.
 */
interface Placed {
  readonly isAhead?: boolean;
  end: (reason: CloseReason) => void;
}

const key = Symbol.for('pica-connect.session');
const holder = () => document as Document & { [key]?: Placed };

/** Whether a session is open, and not only ahead. */
export function isPlaceTaken(): boolean {
  const { [key]: placed } = holder();
  return placed !== undefined && !placed.isAhead;
}

/**
 * Takes the place, and ends the session that had it. Whoever hears of that may open another, which then ends
 * this one.
 * @returns gives it back.
 */
export function takePlace(session: Placed): () => void {
  const document = holder();
  const previous = document[key];
  document[key] = session;
  previous?.end('api');
  return () => {
    if (document[key] === session) document[key] = undefined;
  };
}
