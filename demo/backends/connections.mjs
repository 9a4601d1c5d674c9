import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { confirmKey, identityType, keysInVault } from './pica.mjs';

// Read and written without a pause in between, so that one process never loses a row. For more than one, and where
// files do not last, put your database here. Its primary key: identity_type, user and connection_key together.
const file = 'connections.json';
const stored = () => (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : []);
function store(rows) {
  writeFileSync(`${file}.new`, JSON.stringify(rows, null, 2));
  renameSync(`${file}.new`, file); // All of it or nothing, even if the process dies.
}

/** Whether a row is this user's. One that an earlier version stored has no type. */
const isOf = (user, row) => row.user === user && (row.identity_type ?? 'user') === identityType;

/** What the page sees. Your server must not use a row that is not confirmed: its key may be somebody else's. */
const shown = (row) => (row.confirmed ? row : { ...row, state: 'unknown', confirmed: false });

/** The user's connections, after a look at Pica for those that are not confirmed yet. */
export async function connectionsOf(user) {
  const isOpen = (row) => isOf(user, row) && !row.confirmed;
  if (stored().some(isOpen)) {
    // None while Pica cannot be reached: nothing is decided then.
    const keys = await keysInVault(user, AbortSignal.timeout(5_000)).catch(() => undefined);
    const tenMinutesAgo = Date.now() - 600_000;
    const rows = stored().map((row) =>
      isOpen(row) && keys?.has(row.connection_key) ? { ...row, confirmed: true } : row,
    );
    const isOver = (row) => isOpen(row) && Date.parse(row.created_at) < tenMinutesAgo;
    if (keys) store(rows.filter((row) => !isOver(row)));
  }
  return stored()
    .filter((row) => isOf(user, row))
    .map(shown);
}

/**
 * Stores what the user says they connected, and asks Pica whether it is theirs: knowing a key is no proof. The row is
 * there before that, so that nothing is lost meanwhile.
 */
export async function saveConnection(user, given) {
  const {
    platform,
    connection_key,
    environment = 'live',
    state = 'operational',
    name,
  } = given ?? {};
  const isText = (value) => typeof value === 'string' && value !== '' && value.length <= 500;
  if (![platform, connection_key, environment, state, name ?? 'none'].every(isText)) {
    return { status: 400, body: { error: 'platform and connection_key are texts.' } };
  }
  const isIt = (row) => isOf(user, row) && row.connection_key === connection_key;
  const before = stored().find(isIt);
  const confirmed = before?.confirmed ?? false;
  const created_at = confirmed ? before.created_at : new Date().toISOString();
  const owner = { user, identity_type: identityType };
  const row = {
    ...owner,
    platform,
    connection_key,
    environment,
    state,
    name,
    confirmed,
    created_at,
  };
  store([...stored().filter((other) => !isIt(other)), row]);
  if (!confirmed && (await confirmKey(user, connection_key))) {
    row.confirmed = true;
    store(stored().map((other) => (isIt(other) ? { ...other, confirmed: true } : other)));
  }
  if (!row.confirmed) return { status: 202, body: shown(row) };
  return { status: before ? 200 : 201, body: row };
}

/** Whether there was one. Another user's is none: nobody learns that it is there. */
export function deleteConnection(user, key) {
  const rows = stored();
  const others = rows.filter((row) => !isOf(user, row) || row.connection_key !== key);
  store(others);
  return others.length < rows.length;
}
