import { store, stored } from '../../rows.js';
import { userOf } from '../../user.js';

export function GET(request) {
  const user = userOf(request);
  if (!user) return Response.json({ error: 'Sign in first.' }, { status: 401 });
  return Response.json(stored().filter((row) => row.user === user));
}

export async function POST(request) {
  const user = userOf(request);
  if (!user) return Response.json({ error: 'Sign in first.' }, { status: 401 });
  const given = await request.json().catch(() => null);
  const {
    platform,
    connection_key,
    environment = 'live',
    state = 'operational',
    name,
  } = given ?? {};
  const isText = (value) => typeof value === 'string' && value !== '' && value.length <= 500;
  if (![platform, connection_key, environment, state, name ?? 'none'].every(isText)) {
    return Response.json({ error: 'platform and connection_key are texts.' }, { status: 400 });
  }
  const rows = stored();
  const before = rows.find((row) => row.connection_key === connection_key);
  if (before && before.user !== user) {
    return Response.json({ error: 'This connection is another user’s.' }, { status: 409 });
  }
  const created_at = before?.created_at ?? new Date().toISOString();
  const row = { user, platform, connection_key, environment, state, name, created_at };
  store([...rows.filter((other) => other !== before), row]);
  return Response.json(row, { status: before ? 200 : 201 });
}
