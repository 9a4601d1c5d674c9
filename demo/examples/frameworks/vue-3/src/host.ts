import type { Connection } from 'pica-connect';

/** Identifies the user to the token endpoint. The credential is short-lived, so each opening requests a new one. */
export async function tokenHeaders(): Promise<Record<string, string>> {
  const response = await fetch('/api/credential');
  return { authorization: await response.text() };
}

/** Stores a connection. If this rejects, the button says that the connection is not saved. */
export async function save({ platform, key, environment, state }: Connection): Promise<void> {
  const response = await fetch('/api/connections', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ platform, connection_key: key, environment, state }),
  });
  if (!response.ok) throw new Error(`Not stored: ${response.status}`);
}
