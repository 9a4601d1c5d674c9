import { credentialFor } from '../../demo/app/backend/signed-credential.js';

/** The secret that the tests' backends sign credentials with. */
export const credentialSecret = 'what-the-tests-sign-credentials-with';

/** The headers that identify a user to a path of the backend. */
export function headersOf(user: string, path = '/api/connections'): Record<string, string> {
  const purpose = path.startsWith('/api/authkit/token') ? 'token' : 'connections';
  return { authorization: `Bearer ${credentialFor(purpose, user, credentialSecret)}` };
}
