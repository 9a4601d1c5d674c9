import { setTimeout as sleep } from 'node:timers/promises';

const { PICA_SECRET_KEY, PICA_API } = process.env;
if (!PICA_SECRET_KEY) throw new Error('Set PICA_SECRET_KEY.');

/** Yours to say, and never the request's: a user and a team may have the same id. */
export const identityType = 'user';

/** What the secret key is for. It does not see what was connected in the other environment. */
export const environment = PICA_SECRET_KEY.startsWith('sk_test_') ? 'test' : 'live';

/** What AuthKit opens with, for one user. */
export async function createToken(identity) {
  const signal = AbortSignal.timeout(10_000);
  const flags = await askPica('/v1/users/flags', { signal });
  const body = { identity, identityType };
  const { rows, total, requestId } = await askForRows('/v1/authkit?', { body, signal });
  const isWhiteLabel = flags.authkitWhitelist ?? false;
  return { rows, page: 1, pages: 1, total, requestId, isWhiteLabel };
}

/** Everything that this user has connected, by its key. */
export async function vaultOf(identity, signal) {
  const query = new URLSearchParams({ identity, identityType });
  const { rows } = await askForRows(`/v1/vault/connections?${query}&`, { signal });
  const isTheirs = (row) =>
    row.identity === identity && (row.identityType ?? 'user') === identityType;
  return new Map(rows.filter(isTheirs).map((row) => [row.key, row]));
}

/** What Pica has of a key, if it is this user's. The vault may show a new one late, so that is asked for ten seconds. */
export async function findInVault(identity, key, left) {
  // Kept by a name of its own: one that only `any` knows, Node 20 forgets.
  const tenSeconds = AbortSignal.timeout(10_000);
  for (let pauseMs = 500; !tenSeconds.aborted && !left.aborted; pauseMs *= 2) {
    const signal = AbortSignal.any([tenSeconds, left]);
    const vault = await vaultOf(identity, signal).catch(() => undefined);
    if (vault?.has(key)) return vault.get(key);
    await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
  }
}

/** All pages of one of Pica's lists, which are few. */
async function askForRows(path, options) {
  const rows = [];
  for (let page = 1; page <= 20; page++) {
    const answer = await askPica(`${path}limit=100&page=${page}`, options);
    if (!Array.isArray(answer.rows)) throw new Error('Pica answered with no list.');
    rows.push(...answer.rows);
    if (!(page < answer.pages)) return { ...answer, rows };
  }
  throw new Error('Pica answered without an end.');
}

// What it throws is fit for your log. What `fetch` throws is not: it can have the secret key in it.
async function askPica(path, { body, signal }) {
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
