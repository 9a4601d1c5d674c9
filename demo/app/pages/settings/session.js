// @ts-check

/** @typedef {{id: string, name: string}} User */

/** @returns {Promise<{user: User | null, users: User[]}>} */
export function readSession() {
  return ask('/api/session');
}

/**
 * @param {string} user
 * @returns {Promise<{user: User}>}
 */
export function signIn(user) {
  return ask('/api/session', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ user }),
  });
}

/**
 * Requests headers that identify the user for a few minutes, for requests without the cookie.
 * @param {'token' | 'connections'} purpose
 * @param {User} user the page's user. Refused if somebody else has signed in since.
 * @returns {Promise<Record<string, string>>} headers
 */
export async function credentialHeaders(purpose, user) {
  const { credential } = await ask('/api/credential', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ purpose, user: user.id }),
  });
  return { authorization: `Bearer ${credential}` };
}

/** @returns {Promise<{sandbox?: boolean, baseUrl?: string}>} */
export function readConfig() {
  return ask('/api/config');
}

/**
 * @param {string} path
 * @param {RequestInit} [init]
 */
async function ask(path, init) {
  const response = await fetch(path, init);
  if (!response.ok) throw new Error(`${path} answered ${response.status}.`);
  return response.json();
}
