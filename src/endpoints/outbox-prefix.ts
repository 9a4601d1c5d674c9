/** Begins the names of the outbox's items in `localStorage`. */
export const outboxPrefix = 'pica-connect.outbox:';

/** Whether an earlier page of any user has left connections that it could not store. */
export function mayHaveOutbox(): boolean {
  try {
    return Object.keys(localStorage).some((item) => item.startsWith(outboxPrefix));
  } catch {
    // The storage is blocked.
    return false;
  }
}
