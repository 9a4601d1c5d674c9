import { credentialFor } from '../../demo/app/backend/signed-credential.js';

/** What the backends of the tests sign credentials with. */
export const credentialSecret = 'what-the-tests-sign-credentials-with';

/** The headers that say who asks, for a path of the backend's. */
export function headersOf(user: string, path = '/api/connections'): Record<string, string> {
  const purpose = path.startsWith('/api/authkit/token') ? 'token' : 'connections';
  return { authorization: `Bearer ${credentialFor(purpose, user, credentialSecret)}` };
}
