import { connectionsOf, saveConnection } from '../../connections.mjs';
import { fail, readJson, refuse, authenticate } from '../../user.js';

export async function GET(request) {
  const user = authenticate('connections', request);
  if (!user) return refuse(401, 'Sign in first.');
  try {
    return Response.json(await connectionsOf(user, request.signal));
  } catch (error) {
    return fail(error);
  }
}

export async function POST(request) {
  // Blocks forms from other sites: browsers send them without a preflight, but not JSON.
  if (!/^application\/json *(;|$)/i.test(request.headers.get('content-type') ?? '')) {
    return refuse(415, 'Send JSON.');
  }
  const user = authenticate('connections', request);
  if (!user) return refuse(401, 'Sign in first.');
  const input = await readJson(request);
  if (input === undefined) return refuse(413, 'Send 16 KiB at most.');
  try {
    const { status, body, headers } = await saveConnection(user, input, request.signal);
    return Response.json(body, { status, headers });
  } catch (error) {
    return fail(error);
  }
}
