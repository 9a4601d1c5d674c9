import { createToken } from '../../../pica.mjs';
import { fail, refuse, authenticate } from '../../../user.js';

// AuthKit's page calls this from its own origin. It must be able to read errors too.
const headers = {
  'Access-Control-Allow-Origin': process.env.AUTHKIT_ORIGIN || 'https://authkit.picaos.com',
  'Access-Control-Allow-Methods': 'POST, OPTIONS',
  'Access-Control-Allow-Headers': 'authorization, content-type',
  'Access-Control-Max-Age': '600',
};

export function OPTIONS() {
  return new Response(null, { status: 204, headers });
}

export async function POST(request) {
  const user = authenticate('token', request);
  if (!user) return refuse(401, 'Sign in first.', headers);
  try {
    return Response.json(await createToken(user, request.signal), { headers });
  } catch (error) {
    return fail(error, headers);
  }
}
