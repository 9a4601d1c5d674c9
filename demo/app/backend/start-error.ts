/** The backend can't start. The message says what to change, and contains no password and no key. */
export class StartError extends Error {
  override readonly name = 'StartError';
}
