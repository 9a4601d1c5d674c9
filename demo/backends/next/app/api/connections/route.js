import { connectionsOf, saveConnection } from '../../connections.mjs';
import { refuse, userAsking } from '../../user.js';

export async function GET(request) {
  const user = userAsking('connections', request);
  if (!user) return refuse(401, 'Sign in first.');
  return Response.json(await connectionsOf(user));
}

export async function POST(request) {
  // Any site can make a browser send forms and texts here, but JSON only after asking.
  if (!/^application\/json *(;|$)/i.test(request.headers.get('content-type') ?? '')) {
    return refuse(415, 'Send JSON.');
  }
  const user = userAsking('connections', request);
  if (!user) return refuse(401, 'Sign in first.');
  const given = await request.json().catch(() => null);
  const { status, body } = await saveConnection(user, given);
  return Response.json(body, { status });
}
