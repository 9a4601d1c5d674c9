// @ts-check

document.addEventListener('pica-success', (event) => {
  // With connections-url, as the list has it, an element stores it itself.
  if (
    /** @type {import('../../../../src/classes.js').PicaConnectButton} */ (event.target)
      .connectionsUrl
  )
    return;
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
