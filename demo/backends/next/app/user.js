import { userOf } from './credential.mjs';

/** The user whose credential for this purpose it is; null for none. Your sign-in may be any other. */
export const userAsking = (purpose, request) =>
  userOf(purpose, request.headers.get('authorization'), process.env.CREDENTIAL_SECRET);

/** The body, if it is JSON; undefined if it is longer than 16 KiB. */
export async function readJson(request) {
  const chunks = [];
  let bytes = 0;
  for await (const chunk of request.body ?? []) {
    bytes += chunk.length;
    // The rest is read, so that the answer arrives, but not kept.
    if (bytes <= 16 * 1024) chunks.push(chunk);
  }
  if (bytes > 16 * 1024) return undefined;
  try {
    return JSON.parse(Buffer.concat(chunks).toString());
  } catch {
    return null;
  }
}

export const refuse = (status, error, headers) => Response.json({ error }, { status, headers });

/** Without it, Next.js answers an error with no word of when to ask again. */
export function fail(error, headers) {
  const { status = 500 } = error;
  console.error(status === 500 ? error : error.message);
  return refuse(status, 'That did not work.', { ...headers, ...error.headers });
}
