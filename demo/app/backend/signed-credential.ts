import { createHmac, timingSafeEqual } from 'node:crypto';

/** What a credential permits: getting AuthKit's token, or working with the stored connections. */
export const purposes = ['token', 'connections'] as const;

export type Purpose = (typeof purposes)[number];

/**
 * Makes a credential that identifies a user for a few minutes and one purpose: `PURPOSE.USER.EXPIRES.SIGNATURE`. A page
 * sends it as `Authorization: Bearer …` where browsers send no cookie.
 */
export function credentialFor(
  purpose: Purpose,
  user: string,
  secret: string,
  seconds = 600,
): string {
  const signed = `${purpose}.${user}.${Math.floor(Date.now() / 1000) + seconds}`;
  return `${signed}.${signatureOf(signed, secret).toString('hex')}`;
}

/** The purpose that a credential claims, without checking its signature; undefined if it claims none. */
export function purposeOf(credential: string): Purpose | undefined {
  return purposes.find((purpose) => credential.startsWith(`${purpose}.`));
}

/**
 * @param secrets the one that signs credentials, then older ones that are still accepted
 * @returns whose credential it is; undefined if it is for another purpose, has expired, or was not signed here
 */
export function userOf(
  credential: string,
  purpose: Purpose,
  secrets: readonly string[],
): string | undefined {
  const [, signed, named, user, expires, signature] =
    /^(([a-z]+)\.(.+)\.(\d{1,12}))\.([\da-f]{64})$/.exec(credential) ?? [];
  if (!signed || !signature || named !== purpose) return undefined;
  const given = Buffer.from(signature, 'hex');
  const isSigned = secrets.some((secret) => timingSafeEqual(given, signatureOf(signed, secret)));
  return isSigned && Number(expires) > Date.now() / 1000 ? user : undefined;
}

function signatureOf(signed: string, secret: string): Buffer {
  return createHmac('sha256', secret).update(signed).digest();
}
