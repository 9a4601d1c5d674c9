import type { Connection } from 'pica-connect';

/** What the token endpoint knows the user by: short-lived, so it is asked for at each opening. */
export async function tokenHeaders(): Promise<Record<string, string>> {
  const response = await fetch('/api/credential');
  return { authorization: await response.text() };
}

/** Stores a connection. When it rejects, the button says that it is not saved. */
export async function save({ platform, key, environment, state }: Connection): Promise<void> {
  const response = await fetch('/api/connections', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ platform, connection_key: key, environment, state }),
  });
  if (!response.ok) throw new Error(`Not stored: ${response.status}`);
}
