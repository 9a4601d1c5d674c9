import { deleteConnection } from '../../../connections.mjs';
import { fail, refuse, authenticate } from '../../../user.js';

export async function DELETE(request) {
  const user = authenticate('connections', request);
  if (!user) return refuse(401, 'Sign in first.');
  // Read it from the URL, where it's encoded once: Next.js 16 has already decoded `params`.
  const key = decodeURIComponent(new URL(request.url).pathname.split('/').at(-1));
  try {
    if (deleteConnection(user, key)) return new Response(null, { status: 204 });
  } catch (error) {
    return fail(error);
  }
  return refuse(404, 'There is no such connection.');
}
