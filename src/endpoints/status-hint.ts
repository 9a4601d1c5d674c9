/**
 * What to change on the host's server, by what it answered.
 * @param attribute where its address comes from.
 */
export function statusHint(status: number, method: string, attribute: string): string {
  if (status === 401 || status === 403) {
    return 'Let it know who is signed in: send what tells it in request-headers.';
  }
  if (status === 404 || status === 405) return `Let your server answer ${method} at ${attribute}.`;
  if (status === 429) return `It was asked too often: raise the limit for ${attribute}.`;
  if (status >= 500) return `Your server failed at ${attribute}: read its log of this minute.`;
  return `Look at what your server answered to ${method} at ${attribute}.`;
}

/** For a redirect, and for a web page instead of data. */
export const signedOutHint = (method: string, attribute: string): string =>
  `Is the user signed out? Then ${attribute} must answer ${method} with 401, not with a web page or a redirect.`;
