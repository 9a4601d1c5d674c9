import { setTimeout as sleep } from 'node:timers/promises';

const { PICA_SECRET_KEY, PICA_API } = process.env;
if (!PICA_SECRET_KEY) throw new Error('Set PICA_SECRET_KEY.');

/** Yours to say, and never the request's: a user and a team may have the same id. */
export const identityType = 'user';

/** What AuthKit opens with, for one user. */
export async function createToken(identity) {
  const flags = await askPica('/v1/users/flags');
  const body = { identity, identityType };
  const { rows, total, requestId } = await askForRows('/v1/authkit?', { body });
  const isWhiteLabel = flags.authkitWhitelist ?? false;
  return { rows, page: 1, pages: 1, total, requestId, isWhiteLabel };
}

/** The keys of everything that this user has connected. */
export async function keysInVault(identity, signal) {
  const query = new URLSearchParams({ identity, identityType });
  const { rows } = await askForRows(`/v1/vault/connections?${query}&`, { signal });
  const isTheirs = (row) =>
    row.identity === identity && (row.identityType ?? identityType) === identityType;
  return new Set(rows.filter(isTheirs).map(({ key }) => key));
}

/** Whether Pica says within ten seconds that a key is this user's: the vault may show a new one late. */
export async function confirmKey(identity, key) {
  const signal = AbortSignal.timeout(10_000);
  for (let pauseMs = 500; !signal.aborted; pauseMs *= 2) {
    const keys = await keysInVault(identity, signal).catch(() => undefined);
    if (keys?.has(key)) return true;
    await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
  }
  return false;
}

/** All pages of one of Pica's lists. */
async function askForRows(path, options) {
  const rows = [];
  for (let page = 1; ; page++) {
    const answer = await askPica(`${path}limit=100&page=${page}`, options);
    if (!Array.isArray(answer.rows)) throw new Error('Pica answered with no list.');
    rows.push(...answer.rows);
    if (!(page < answer.pages)) return { ...answer, rows };
  }
}

// What it throws is fit for your log. What `fetch` throws is not: it can have the secret key in it.
async function askPica(path, { body, signal = AbortSignal.timeout(10_000) } = {}) {
  const response = await fetch((PICA_API || 'https://api.picaos.com') + path, {
    method: body ? 'POST' : 'GET',
    headers: { 'x-pica-secret': PICA_SECRET_KEY, 'content-type': 'application/json' },
    body: body && JSON.stringify(body),
    redirect: 'error', // The secret key would go where it leads.
    signal,
  }).catch(() => undefined);
  if (!response?.ok) throw new Error(`Pica answered ${response?.status ?? 'nothing'}.`);
  const answer = await response.json().catch(() => undefined);
  if (!answer) throw new Error('Pica answered with no JSON.');
  return answer;
}
