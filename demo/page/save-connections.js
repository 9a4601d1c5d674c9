// @ts-check

document.addEventListener('pica-success', (event) => {
  event.waitUntil(save(event.detail.connection));
});

/**
 * Stores a connection on our server. Rejects when that fails,
 * and the element says so.
 * @param {Record<string, unknown>} connection
 */
async function save(connection) {
  const { platform, key, environment, state, name } = connection;
  const row = { platform, connection_key: key, environment, state, name };
  const response = await fetch('/api/connections', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(row),
  });
  if (!response.ok) {
    const { message } = await response.json().catch(() => ({}));
    throw new Error(message ?? `Status ${response.status}`);
  }
}
