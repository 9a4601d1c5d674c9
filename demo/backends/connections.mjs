import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { environment, findInVault, identityType, vaultOf } from './pica.mjs';

// Read and written without a pause in between, so that one process never loses a row. For more than one, and where
// files do not last, put your database here. Its primary key: identity_type, user and connection_key together.
const file = 'connections.json';
const stored = () => (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : []);
function store(rows) {
  writeFileSync(`${file}.new`, JSON.stringify(rows, null, 2));
  renameSync(`${file}.new`, file); // All of it or nothing, even if the process dies.
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

/** A row that is not confirmed, after a look into the vault; none once Pica has answered without it for ten minutes. */
function judge(row, vault) {
  const found = vault.get(row.connection_key);
  if (found) return confirm(row, found);
  if (row.environment !== environment) return row;
  const { unlisted_since = new Date().toISOString() } = row;
  return Date.parse(unlisted_since) < Date.now() - 600_000 ? undefined : { ...row, unlisted_since };
}

/** The user's connections, after a look at Pica for those that are not confirmed yet. */
export async function connectionsOf(user) {
  const isOpen = (row) => isOf(user, row) && !row.confirmed;
  if (stored().some(isOpen)) {
    // None while Pica cannot be reached: nothing is decided then.
    const vault = await vaultOf(user, AbortSignal.timeout(5_000)).catch(() => undefined);
    if (vault) change(isOpen, (row) => judge(row, vault));
  }
  return stored()
    .filter((row) => isOf(user, row))
    .map(shown);
}

/** The users for whom the vault is being asked: once at a time for each, so that nobody can keep the server busy. */
const looking = new Set();

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
    const headers = { 'Retry-After': '60' };
    return { status: 429, body: { error: 'Too many are not confirmed yet.' }, headers };
  }
  const created_at = new Date().toISOString();
  const said = { platform, connection_key, environment, state, name, confirmed: false, created_at };
  const row = { user, identity_type: identityType, ...said };
  store([...stored().filter((other) => !isIt(other)), row]);
  if (looking.has(user)) return { status: 202, body: shown(row) };

  looking.add(user);
  const found = await findInVault(user, connection_key, left).finally(() => looking.delete(user));
  if (found) change(isIt, (row) => confirm(row, found));
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
