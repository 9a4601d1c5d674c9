// @ts-check

document.addEventListener('pica-success', (event) => {
  event.waitUntil(save(event.detail.connection));
});

/**
 * Stores a connection on our server. Rejects when it is not stored, and the element says so.
 * @param {import('../../src/classes.js').Connection} connection
 */
async function save({ platform, key, environment, state, name }) {
  const response = await fetch('/api/connections', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ platform, connection_key: key, environment, state, name }),
  });
  if (!response.ok) {
    const { message } = await response.json().catch(() => ({}));
    throw new Error(message ?? `The server answered ${response.status}.`);
  }
}
