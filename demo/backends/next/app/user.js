import { userOf } from './credential.mjs';

/** The user whose credential for this purpose it is; null for none. Your sign-in may be any other. */
export const userAsking = (purpose, request) =>
  userOf(purpose, request.headers.get('authorization'), process.env.CREDENTIAL_SECRET);

export const refuse = (status, error, headers) => Response.json({ error }, { status, headers });
