// @ts-check

/**
 * What the demo's own token endpoint knows somebody by: whoever is signed in, or one of its users, who is signed out
 * again at once. It is good for ten minutes.
 * @returns {Promise<string>} as the form has headers
 */
export async function ownHeaders() {
  const { user, users } = await ask('GET', '/api/session');
  if (!user) await ask('POST', '/api/session', { user: users[0].id });
  try {
    const { credential } = await ask('POST', '/api/credential', { purpose: 'token' });
    return `authorization: Bearer ${credential}`;
  } finally {
    if (!user) await fetch('/api/session', { method: 'DELETE' });
  }
}

/**
 * @param {string} method
 * @param {string} path
 * @param {object} [body]
 */
async function ask(method, path, body) {
  const response = await fetch(path, {
    method,
    ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${path} answered ${response.status}.`);
  return response.json();
}
