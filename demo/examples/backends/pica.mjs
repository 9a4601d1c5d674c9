const { PICA_SECRET_KEY, PICA_API } = process.env;
if (!PICA_SECRET_KEY) throw new Error('Set PICA_SECRET_KEY.');

/** Your server decides this, never the request: a user and a team may have the same id. */
export const identityType = 'user';

/** The secret key's environment. It does not see connections of the other one. */
export const environment = PICA_SECRET_KEY.startsWith('sk_test_') ? 'test' : 'live';

/** Why Pica failed, without secrets. Has the status to answer with, and `Retry-After` if asking again can help. */
export class PicaError extends Error {
  constructor(message, status = 502, retryAfter) {
    super(message);
    this.status = status;
    this.headers = retryAfter ? { 'Retry-After': retryAfter } : {};
  }
}

/**
 * What AuthKit opens with, for one user.
 *
 * @param left a signal that is aborted when the client leaves
 */
export async function createToken(identity, left) {
  const options = { timeLimit: AbortSignal.timeout(10_000), left };
  const flags = await askPica('/v1/users/flags', options);
  const body = { identity, identityType };
  const rows = [];
  let answer;
  for await (answer of pagesOf('/v1/authkit?', { ...options, body })) rows.push(...answer.rows);
  const { total, requestId } = answer;
  const isWhiteLabel = flags.authkitWhitelist ?? false;
  return { rows, page: 1, pages: 1, total, requestId, isWhiteLabel };
}

/** This user's connections in the vault, by key, page by page. */
export async function* vaultOf(identity, options) {
  const query = new URLSearchParams({ identity, identityType });
  const isTheirs = (row) =>
    row?.identity === identity && (row.identityType ?? 'user') === identityType;
  for await (const { rows } of pagesOf(`/v1/vault/connections?${query}&`, options)) {
    yield new Map(rows.filter(isTheirs).map((row) => [row.key, row]));
  }
}

/** One of Pica's lists, page by page. Refuses more than a hundred pages, in case the count is nonsense. */
async function* pagesOf(path, options) {
  for (let page = 1, pages = 1; page <= pages; page++) {
    const answer = await askPica(`${path}limit=100&page=${page}`, options);
    pages = answer.pages;
    if (!Array.isArray(answer.rows) || !(pages <= 100)) {
      throw new PicaError('Pica answered with no list, or one without an end.');
    }
    yield answer;
  }
}

/** @param timeLimit aborted when all requests together have taken too long */
async function askPica(path, { body, timeLimit, left }) {
  const response = await fetch((PICA_API || 'https://api.picaos.com') + path, {
    method: body ? 'POST' : 'GET',
    headers: { 'x-pica-secret': PICA_SECRET_KEY, 'content-type': 'application/json' },
    body: body && JSON.stringify(body),
    redirect: 'manual', // A redirect would send the secret key to another server.
    signal: left ? AbortSignal.any([timeLimit, left]) : timeLimit,
    // Errors of `fetch` are dropped, because they can contain the secret key.
  }).catch(() => undefined);
  const answer = await response?.json().catch(() => undefined);
  if (response?.ok && answer) return answer;
  if (left?.aborted) throw new PicaError('The client has left.', 499);
  if (timeLimit.aborted) throw new PicaError('Pica did not answer in time.', 504, '10');
  if (response?.ok) throw new PicaError('Pica answered with no JSON.');
  throw refusalOf(response?.status, response?.headers.get('retry-after'));
}

/** The error for a status of Pica's, or for no answer at all. */
export function refusalOf(status, retryAfter) {
  const message = `Pica answered ${status ?? 'nothing'}.`;
  if (status === 429) {
    return new PicaError(message, 429, /^\d{1,5}$/.test(retryAfter) ? retryAfter : '60');
  }
  const mayRecover = !status || status >= 500;
  return new PicaError(message, 502, mayRecover && '10');
}
