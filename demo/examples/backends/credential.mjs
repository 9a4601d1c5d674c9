import { createHmac, timingSafeEqual } from 'node:crypto';

const purposes = ['token', 'connections'];

function sign(text, secret) {
  if (!secret) throw new Error('Set CREDENTIAL_SECRET.');
  return createHmac('sha256', secret).update(text).digest();
}

/**
 * Creates a credential that the page sends as `Authorization: Bearer …`. It consists of the purpose, the user, the
 * expiry time in seconds since 1970, and a signature that only the holder of the secret can make.
 *
 * @param purpose `token` for the token endpoint, `connections` for the stored connections. AuthKit's page gets only the
 *   first one, which can't read or delete anything.
 * @param user from your session, never from the request
 * @param seconds how long it's valid. Ten minutes is enough: the elements request a new one each time.
 */
export function credentialFor(purpose, user, secret, seconds = 600) {
  if (!purposes.includes(purpose)) throw new Error(`Use one of ${purposes.join(', ')}.`);
  const signed = `${purpose}.${user}.${Math.floor(Date.now() / 1000) + seconds}`;
  return `${signed}.${sign(signed, secret).toString('hex')}`;
}

/** Returns the user named by a valid credential for this purpose, or null. */
export function userOf(purpose, authorization, secret) {
  const [, signed, actualPurpose, user, expires, signature] =
    /^Bearer ((token|connections)\.(.+)\.(\d+))\.([0-9a-f]{64})$/.exec(authorization ?? '') ?? [];
  if (actualPurpose !== purpose || Number(expires) < Date.now() / 1000) return null;
  return timingSafeEqual(Buffer.from(signature, 'hex'), sign(signed, secret)) ? user : null;
}
