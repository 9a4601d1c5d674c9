const { PICA_SECRET_KEY, PICA_API } = process.env;
if (!PICA_SECRET_KEY) throw new Error('Set PICA_SECRET_KEY.');

/** Never take this from a request: a user and a team may have the same id. */
export const identityType = 'user';

/** The secret key's environment. The key can't see connections of the other one. */
export const environment = PICA_SECRET_KEY.startsWith('sk_test_') ? 'test' : 'live';

/** Contains no secrets. Has the status to answer with, and `Retry-After` if trying again can help. */
export class PicaError extends Error {
  constructor(message, status = 502, retryAfter) {
    super(message);
    this.status = status;
    this.headers = retryAfter ? { 'Retry-After': retryAfter } : {};
  }
}

/**
 * Creates the token that AuthKit opens with, for one user.
 *
 * @param clientSignal aborted when the client disconnects
 */
export async function createToken(identity, clientSignal) {
  const options = { timeoutSignal: AbortSignal.timeout(10_000), clientSignal };
  const flags = await callPica('/v1/users/flags', options);
  const body = { identity, identityType };
  const rows = [];
  let lastPage;
  for await (lastPage of fetchPages('/v1/authkit?', { ...options, body }))
    rows.push(...lastPage.rows);
  const { total, requestId } = lastPage;
  const isWhiteLabel = flags.authkitWhitelist ?? false;
  return { rows, page: 1, pages: 1, total, requestId, isWhiteLabel };
}

/** Yields this user's connections in the vault, one Map by key for each page. */
export async function* fetchVault(identity, options) {
  const query = new URLSearchParams({ identity, identityType });
  const isOwned = (row) =>
    row?.identity === identity && (row.identityType ?? 'user') === identityType;
  for await (const { rows } of fetchPages(`/v1/vault/connections?${query}&`, options)) {
    yield new Map(rows.filter(isOwned).map((row) => [row.key, row]));
  }
}

/** Yields one of Pica's lists, page by page. Accepts at most a hundred pages, in case Pica's count is wrong. */
async function* fetchPages(path, options) {
  for (let page = 1, pages = 1; page <= pages; page++) {
    const answer = await callPica(`${path}limit=100&page=${page}`, options);
    pages = answer.pages;
    if (!Array.isArray(answer.rows) || !(pages <= 100)) {
      throw new PicaError('Pica answered without a list, or with too many pages.');
    }
    yield answer;
  }
}

/** @param timeoutSignal shared by all requests that belong together */
async function callPica(path, { body, timeoutSignal, clientSignal }) {
  const response = await fetch((PICA_API || 'https://api.picaos.com') + path, {
    method: body ? 'POST' : 'GET',
    headers: {
      'x-pica-secret': PICA_SECRET_KEY,
      'content-type': 'application/json',
      // Node 20 and 22 may never finish reading a compressed response that is canceled.
      'accept-encoding': 'identity',
    },
    body: body && JSON.stringify(body),
    redirect: 'manual', // A redirect would send the secret key to another server.
    signal: clientSignal ? AbortSignal.any([timeoutSignal, clientSignal]) : timeoutSignal,
    // Drop the errors of `fetch`, because they can contain the secret key.
  }).catch(() => undefined);
  const answer = await response?.json().catch(() => undefined);
  if (response?.ok && answer) return answer;
  if (clientSignal?.aborted) throw new PicaError('The client disconnected.', 499);
  if (timeoutSignal.aborted) throw new PicaError('Pica did not answer in time.', 504, '10');
  if (response?.ok) throw new PicaError('Pica did not answer with JSON.');
  throw errorFor(response?.status, response?.headers.get('retry-after'));
}

/** @param status Pica's status, or undefined if it didn't answer */
export function errorFor(status, retryAfter) {
  const message = `Pica answered ${status ?? 'nothing'}.`;
  if (status === 429) {
    return new PicaError(message, 429, /^\d{1,5}$/.test(retryAfter) ? retryAfter : '60');
  }
  const mayRecover = !status || status >= 500;
  return new PicaError(message, 502, mayRecover && '10');
}
