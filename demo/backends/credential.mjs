import { createHmac } from 'node:crypto';

/**
 * What the page sends as `Authorization: Bearer …`: who is signed in, until when (seconds since 1970), and a
 * signature that nobody can make without CREDENTIAL_SECRET. Ten minutes are enough: the elements ask for a new one
 * at each opening.
 */
export function credentialFor(user, secret, seconds = 600) {
  const signed = `${user}.${Math.floor(Date.now() / 1000) + seconds}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('hex')}`;
}
