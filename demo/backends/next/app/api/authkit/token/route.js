import { AuthKitToken } from '@picahq/authkit-token';
import { userOf } from '../../../user.js';

const { PICA_SECRET_KEY, PICA_API, AUTHKIT_ORIGIN } = process.env;

// AuthKit's page calls this one, from its own origin; it has to be able to read refusals as well.
const headers = {
  'Access-Control-Allow-Origin': AUTHKIT_ORIGIN || 'https://authkit.picaos.com',
  'Access-Control-Allow-Methods': 'POST, OPTIONS',
  'Access-Control-Allow-Headers': 'authorization, content-type',
  'Access-Control-Max-Age': '600',
};

export function OPTIONS() {
  return new Response(null, { status: 204, headers });
}

export async function POST(request) {
  const identity = userOf(request);
  if (!identity) return Response.json({ error: 'Sign in first.' }, { status: 401, headers });
  const pica = new AuthKitToken(PICA_SECRET_KEY, { baseUrl: PICA_API || 'https://api.picaos.com' });
  // It throws nothing: with a wrong key it returns Pica's error, without a network undefined.
  const token = await pica.create({ identity, identityType: 'user' }).catch(() => undefined);
  if (!token?.rows) {
    return Response.json({ error: 'Pica gave no token.' }, { status: 502, headers });
  }
  return Response.json(token, { headers });
}
