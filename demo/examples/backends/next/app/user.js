import { userOf } from './credential.mjs';

/** Returns the user named by a valid credential, or null. Replace this with your own authentication. */
export const authenticate = (purpose, request) =>
  userOf(purpose, request.headers.get('authorization'), process.env.CREDENTIAL_SECRET);

/** Returns the parsed body, null if it isn't JSON, or undefined if it's longer than 16 KiB. */
export async function readJson(request) {
  const chunks = [];
  let bytes = 0;
  for await (const chunk of request.body ?? []) {
    bytes += chunk.length;
    // Read the rest too, without keeping it: otherwise the client may not get the response.
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

/** Next.js's own error response would lack `Retry-After`. */
export function fail(error, headers) {
  const { status = 500 } = error;
  console.error(status === 500 ? error : error.message);
  return refuse(status, 'Something went wrong.', { ...headers, ...error.headers });
}
