// @ts-check

/**
 * Gets a credential for the demo's own token endpoint, valid for ten minutes: of the user who is signed in, or of another
 * user, who is signed in only for this.
 * @returns {Promise<string>} the headers, in the format of the form
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
