const { PICA_SECRET_KEY, PICA_API } = process.env;
if (!PICA_SECRET_KEY) throw new Error('Set PICA_SECRET_KEY.');

/** Yours to say, and never the request's: a user and a team may have the same id. */
export const identityType = 'user';

/** What the secret key is for. It does not see what was connected in the other environment. */
export const environment = PICA_SECRET_KEY.startsWith('sk_test_') ? 'test' : 'live';

/** Why Pica gave nothing, fit for your log; what to answer because of it, and when to ask again, if that can help. */
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

/** What this user has connected, by its key, one page of the vault after the other. */
export async function* vaultOf(identity, options) {
  const query = new URLSearchParams({ identity, identityType });
  const isTheirs = (row) =>
    row?.identity === identity && (row.identityType ?? 'user') === identityType;
  for await (const { rows } of pagesOf(`/v1/vault/connections?${query}&`, options)) {
    yield new Map(rows.filter(isTheirs).map((row) => [row.key, row]));
  }
}

/** One of Pica's lists, page by page. No user has more than a hundred pages, whatever the answer says. */
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

/** @param timeLimit aborted when all that is asked has taken too long */
async function askPica(path, { body, timeLimit, left }) {
  const response = await fetch((PICA_API || 'https://api.picaos.com') + path, {
    method: body ? 'POST' : 'GET',
    headers: { 'x-pica-secret': PICA_SECRET_KEY, 'content-type': 'application/json' },
    body: body && JSON.stringify(body),
    redirect: 'manual', // The secret key would go where it leads.
    signal: left ? AbortSignal.any([timeLimit, left]) : timeLimit,
    // Not handed on: the secret key can be in what `fetch` throws.
  }).catch(() => undefined);
  const answer = await response?.json().catch(() => undefined);
  if (response?.ok && answer) return answer;
  if (left?.aborted) throw new PicaError('The client has left.', 499);
  if (timeLimit.aborted) throw new PicaError('Pica did not answer in time.', 504, '10');
  if (response?.ok) throw new PicaError('Pica answered with no JSON.');
  throw refusalOf(response?.status, response?.headers.get('retry-after'));
}

/** What follows from the status that Pica answered with, if it answered at all. */
export function refusalOf(status, retryAfter) {
  const message = `Pica answered ${status ?? 'nothing'}.`;
  if (status === 429) {
    return new PicaError(message, 429, /^\d{1,5}$/.test(retryAfter) ? retryAfter : '60');
  }
  const mayRecover = !status || status >= 500;
  return new PicaError(message, 502, mayRecover && '10');
}
