import { userOf } from './credential.mjs';

/** The user named by a valid credential for this purpose, or null. Replace this with your own sign-in. */
export const userAsking = (purpose, request) =>
  userOf(purpose, request.headers.get('authorization'), process.env.CREDENTIAL_SECRET);

/** The body, if it is JSON; undefined if it is longer than 16 KiB. */
export async function readJson(request) {
  const chunks = [];
  let bytes = 0;
  for await (const chunk of request.body ?? []) {
    bytes += chunk.length;
    // Read the rest too, or the answer may not arrive, but don't keep it.
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

/** Without this, Next.js answers errors without `Retry-After`. */
export function fail(error, headers) {
  const { status = 500 } = error;
  console.error(status === 500 ? error : error.message);
  return refuse(status, 'That did not work.', { ...headers, ...error.headers });
}
