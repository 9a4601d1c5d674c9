import { store, stored } from '../../../rows.js';
import { userOf } from '../../../user.js';

export async function DELETE(request, { params }) {
  const user = userOf(request);
  if (!user) return Response.json({ error: 'Sign in first.' }, { status: 401 });
  const key = decodeURIComponent((await params).key);
  const rows = stored();
  const row = rows.find((other) => other.connection_key === key && other.user === user);
  // Another user's is answered like one that is not there: nobody learns that it is.
  if (!row) return Response.json({ error: 'There is no such connection.' }, { status: 404 });
  store(rows.filter((other) => other !== row));
  return new Response(null, { status: 204 });
}
