import { createHmac, timingSafeEqual } from 'node:crypto';

/** What a credential is good for: asking for AuthKit's token, or for the stored connections. */
export const purposes = ['token', 'connections'] as const;

export type Purpose = (typeof purposes)[number];

/**
 * Says for a few minutes who somebody is, for one purpose: `PURPOSE.USER.EXPIRES.SIGNATURE`. A page sends it as
 * `Authorization: Bearer …` where its cookie does not come along.
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

/** What a credential says of itself, true or not; undefined where it is none. */
export function purposeOf(credential: string): Purpose | undefined {
  return purposes.find((purpose) => credential.startsWith(`${purpose}.`));
}

/**
 * @param secrets the one that credentials are signed with, and older ones that still count
 * @returns whose credential it is; undefined where it is for something else, has expired, or was not signed here
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
