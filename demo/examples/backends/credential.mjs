import { createHmac, timingSafeEqual } from 'node:crypto';

const purposes = ['token', 'connections'];

function sign(text, secret) {
  if (!secret) throw new Error('Set CREDENTIAL_SECRET.');
  return createHmac('sha256', secret).update(text).digest();
}

/**
 * A credential that the page sends as `Authorization: Bearer …`: purpose, user, when it expires (in seconds since 1970),
 * and a signature that nobody can make without the secret.
 *
 * @param purpose `token` for the token endpoint, `connections` for the stored connections. AuthKit's page gets the
 *   first one, which must not be enough to read or delete anything.
 * @param user from your session, never from the request
 * @param seconds ten minutes are enough: the elements ask for a new one each time
 */
export function credentialFor(purpose, user, secret, seconds = 600) {
  if (!purposes.includes(purpose)) throw new Error(`A purpose is one of ${purposes.join(', ')}.`);
  const signed = `${purpose}.${user}.${Math.floor(Date.now() / 1000) + seconds}`;
  return `${signed}.${sign(signed, secret).toString('hex')}`;
}

/** The user named by a valid credential for this purpose, or null. */
export function userOf(purpose, authorization, secret) {
  const [, signed, given, user, expires, signature] =
    /^Bearer ((token|connections)\.(.+)\.(\d+))\.([0-9a-f]{64})$/.exec(authorization ?? '') ?? [];
  if (given !== purpose || Number(expires) < Date.now() / 1000) return null;
  return timingSafeEqual(Buffer.from(signature, 'hex'), sign(signed, secret)) ? user : null;
}
