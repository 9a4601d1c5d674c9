import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { environment, identityType, PicaError, vaultOf } from './pica.mjs';

// Read and written without a pause in between, so that one process never loses a row. For more than one, and where
// files do not last, put your database here. Its primary key: identity_type, user and connection_key together.
const file = 'connections.json';
const stored = () =>
  tryTo(() => {
    try {
      return JSON.parse(readFileSync(file, 'utf8'));
    } catch (error) {
      if (error.code === 'ENOENT') return [];
      throw error;
    }
  });
const store = (rows) =>
  tryTo(() => {
    writeFileSync(`${file}.new`, JSON.stringify(rows, null, 2));
    renameSync(`${file}.new`, file); // All of it or nothing, even if the process dies.
  });

/** What fails here may work later: a full disk, a database that is starting again. */
function tryTo(reachFile) {
  try {
    return reachFile();
  } catch (error) {
    console.error(`The connections cannot be reached: ${error.message}`);
    const headers = { 'Retry-After': '10' };
    throw Object.assign(new Error('Try again later.'), { status: 503, headers });
  }
}

const change = (isIt, changed) =>
  store(stored().flatMap((row) => (isIt(row) ? (changed(row) ?? []) : row)));

/** Whether a row is this user's. One that an earlier version stored has no type. */
const isOf = (user, row) => row.user === user && (row.identity_type ?? 'user') === identityType;

/** What the page sees. Your server must not use a row that is not confirmed: its key may be somebody else's. */
const shown = (row) => (row.confirmed ? row : { ...row, state: 'unknown', confirmed: false });

/** What it is, is the vault's to say, and not the page's. */
const confirm = (row, { platform = row.platform, environment = row.environment }) => ({
  ...row,
  platform,
  environment,
  confirmed: true,
  unlisted_since: undefined,
});

/** A row that the vault does not have; none once it has not had it for ten minutes. */
function missed(row) {
  if (row.environment !== environment) return row;
  const { unlisted_since = new Date().toISOString() } = row;
  return Date.parse(unlisted_since) < Date.now() - 600_000 ? undefined : { ...row, unlisted_since };
}

/** Looks through the user's vault for rows that are not confirmed, as far as it has to. */
async function compareWithVault(user, isOver, options) {
  const isOpen = (row) => isOf(user, row) && !row.confirmed;
  for await (const vault of vaultOf(user, options)) {
    const isListed = (row) => isOpen(row) && vault.has(row.connection_key);
    if (stored().some(isListed))
      change(isListed, (row) => confirm(row, vault.get(row.connection_key)));
    if (isOver()) return;
  }
  change(isOpen, missed);
}

/** The users whose vault is being looked through: once at a time for each, so that nobody can keep the server busy. */
const looking = new Set();

/** Looks into the vault after each pause until it is over, Pica fails, or the client leaves. */
async function lookUp(user, isOver, { pauses, timeLimit, left }) {
  if (looking.has(user)) return;
  looking.add(user);
  try {
    for (const seconds of pauses) {
      await sleep(seconds * 1000, undefined, { signal: left }).catch(() => undefined);
      if (left?.aborted) return;
      await compareWithVault(user, isOver, { timeLimit, left });
      if (isOver()) return;
    }
  } catch (error) {
    if (!(error instanceof PicaError)) throw error;
    console.error(`Pica did not say whose connections these are: ${error.message}`);
  } finally {
    looking.delete(user);
  }
}

/**
 * The user's connections, after a look at Pica for those that are not confirmed yet.
 *
 * @param left a signal that is aborted when the client leaves
 */
export async function connectionsOf(user, left) {
  const isOver = () => stored().every((row) => !isOf(user, row) || row.confirmed);
  if (!isOver()) {
    await lookUp(user, isOver, { pauses: [0], timeLimit: AbortSignal.timeout(5_000), left });
  }
  return stored()
    .filter((row) => isOf(user, row))
    .map(shown);
}

/**
 * Stores what the user says they connected, and asks Pica whether it is theirs: knowing a key is no proof. The row is
 * there before that, so that nothing is lost meanwhile.
 *
 * @param left a signal that is aborted when the client leaves
 */
export async function saveConnection(user, given, left) {
  const { platform, connection_key, environment = 'live', state = 'operational' } = given ?? {};
  const name = given?.name ?? undefined;
  const isText = (value) => typeof value === 'string' && value !== '' && value.length <= 500;
  if (![platform, connection_key, environment, state, name ?? 'none'].every(isText)) {
    return { status: 400, body: { error: 'platform and connection_key are texts.' } };
  }
  const own = stored().filter((row) => isOf(user, row));
  const isIt = (row) => isOf(user, row) && row.connection_key === connection_key;
  const before = own.find(isIt);
  if (before?.confirmed) {
    change(isIt, (row) => ({ ...row, state, name }));
    return { status: 200, body: stored().find(isIt) };
  }
  if (!before && own.filter((row) => !row.confirmed).length >= 20) {
    const headers = { 'Retry-After': '600' };
    return { status: 429, body: { error: 'Too many are not confirmed yet.' }, headers };
  }
  const { created_at = new Date().toISOString() } = before ?? {};
  const said = { platform, connection_key, environment, state, name, confirmed: false, created_at };
  const row = { user, identity_type: identityType, ...said };
  store([...stored().filter((other) => !isIt(other)), row]);

  // The vault may show a new one late.
  const isOver = () => stored().find(isIt)?.confirmed ?? true;
  const timeLimit = AbortSignal.timeout(15_000);
  await lookUp(user, isOver, { pauses: [0, 1, 3, 6], timeLimit, left });
  const after = stored().find(isIt);
  // Deleted meanwhile.
  if (!after) return { status: 404, body: { error: 'There is no such connection.' } };
  if (!after.confirmed) return { status: 202, body: shown(after) };
  return { status: before ? 200 : 201, body: after };
}

/** Whether there was one. Another user's is none: nobody learns that it is there. */
export function deleteConnection(user, key) {
  const isIt = (row) => isOf(user, row) && row.connection_key === key;
  const isThere = stored().some(isIt);
  if (isThere) change(isIt, () => undefined);
  return isThere;
}
