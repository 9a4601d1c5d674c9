import type { CloseReason } from '../events.js';

/**
 * A document has one session at a time, whichever copy or version of this library opened it. So this interface, and the
 * symbol below, must stay as they are.
 */
interface Session {
  readonly isPreloaded?: boolean;
  end: (reason: CloseReason) => void;
}

const key = Symbol.for('pica-connect.session');
const holder = () => document as Document & { [key]?: Session };

/** Whether AuthKit is open, and not only preloaded. */
export function hasOpenSession(): boolean {
  const { [key]: session } = holder();
  return session !== undefined && !session.isPreloaded;
}

/**
 * Makes a session the document's active one, and ends the one before. A listener that hears of this end may open another
 * session, which then ends the one given here.
 * @returns releases the document.
 */
export function claimDocument(session: Session): () => void {
  const document = holder();
  const previous = document[key];
  document[key] = session;
  previous?.end('api');
  return () => {
    if (document[key] === session) document[key] = undefined;
  };
}
