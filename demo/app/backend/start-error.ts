/** Why the backend did not start, in words that say what to change. Carries no password and no key. */
export class StartError extends Error {
  override readonly name = 'StartError';
}
