import { createHmac, timingSafeEqual } from 'node:crypto';

/** The user whose credential it is: "user.expires.signature"; null for none. Yours may be any other. */
export function userOf(request) {
  const credential = (request.headers.get('authorization') ?? '').replace(/^Bearer /, '');
  const [, signed, user, expires, signature] =
    /^((.+)\.(\d+))\.([0-9a-f]{64})$/.exec(credential) ?? [];
  if (!signed) return null;
  const expected = createHmac('sha256', process.env.CREDENTIAL_SECRET).update(signed).digest();
  const isValid = timingSafeEqual(Buffer.from(signature, 'hex'), expected);
  return isValid && Number(expires) >= Date.now() / 1000 ? user : null;
}
