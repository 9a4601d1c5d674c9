// @ts-check

/** What the token endpoint knows the user by: short-lived, so it is asked for at each opening. */
export async function tokenHeaders() {
  const response = await fetch('/api/credential');
  return { authorization: await response.text() };
}

/** Stores a connection. When it rejects, the button says that it is not saved. */
export async function save({ platform, key, environment, state }) {
  const response = await fetch('/api/connections', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ platform, connection_key: key, environment, state }),
  });
  if (!response.ok) throw new Error(`Not stored: ${response.status}`);
}
