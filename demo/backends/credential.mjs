import { createHmac } from 'node:crypto';

/**
 * What the page sends as `Authorization: Bearer …`: what it is good for, who is signed in, until when (seconds since
 * 1970), and a signature that nobody can make without CREDENTIAL_SECRET.
 *
 * @param purpose `token` for the token endpoint, `connections` for the stored connections. AuthKit's page sees the
 *   first, and must not be able to read or delete with it.
 * @param user the id of who is signed in: never anything that the request says
 * @param seconds ten minutes are enough: the elements ask for a new one at each opening
 */
export function credentialFor(purpose, user, secret, seconds = 600) {
  const signed = `${purpose}.${user}.${Math.floor(Date.now() / 1000) + seconds}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('hex')}`;
}
