import { connectionsOf, saveConnection } from '../../connections.mjs';
import { fail, readJson, refuse, userAsking } from '../../user.js';

export async function GET(request) {
  const user = userAsking('connections', request);
  if (!user) return refuse(401, 'Sign in first.');
  try {
    return Response.json(await connectionsOf(user, request.signal));
  } catch (error) {
    return fail(error);
  }
}

export async function POST(request) {
  // Any site can make a browser send a form or text here, but JSON only after a preflight.
  if (!/^application\/json *(;|$)/i.test(request.headers.get('content-type') ?? '')) {
    return refuse(415, 'Send JSON.');
  }
  const user = userAsking('connections', request);
  if (!user) return refuse(401, 'Sign in first.');
  const given = await readJson(request);
  if (given === undefined) return refuse(413, 'Send less.');
  try {
    const { status, body, headers } = await saveConnection(user, given, request.signal);
    return Response.json(body, { status, headers });
  } catch (error) {
    return fail(error);
  }
}
