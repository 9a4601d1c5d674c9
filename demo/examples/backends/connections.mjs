import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { environment, identityType, PicaError, vaultOf } from './pica.mjs';

// Reads and writes synchronously, so that one process never loses a row. With several processes, or where files don't
// last, use your database here. Its primary key: identity_type, user and connection_key together.
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

/** A failure here may be temporary: a full disk, or a database that is restarting. */
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

/** Whether a row is this user's. Rows from an earlier version have no type. */
const isOf = (user, row) => row.user === user && (row.identity_type ?? 'user') === identityType;

/** What the page sees. Your server must never use an unconfirmed row: its key may be somebody else's. */
const shown = (row) => (row.confirmed ? row : { ...row, state: 'unknown', confirmed: false });

/** Takes platform and environment from the vault, not from the page. */
const confirm = (row, { platform = row.platform, environment = row.environment }) => ({
  ...row,
  platform,
  environment,
  confirmed: true,
  unlisted_since: undefined,
});

/** Remembers since when the vault lacks a row. Drops the row after ten minutes. */
function missed(row) {
  if (row.environment !== environment) return row;
  const { unlisted_since = new Date().toISOString() } = row;
  return Date.parse(unlisted_since) < Date.now() - 600_000 ? undefined : { ...row, unlisted_since };
}

/** Confirms the user's rows that the vault has, reading no more pages than needed. */
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

/** Users with a look-up under way. One at a time each, so that nobody can keep the server busy. */
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
 * The user's connections, after looking for unconfirmed ones at Pica.
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
 * Stores a connection, then asks Pica whether it is the user's: knowing a key proves nothing. Stores it first, so that
 * nothing is lost meanwhile.
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

  // The vault may list a new connection late.
  const isOver = () => stored().find(isIt)?.confirmed ?? true;
  const timeLimit = AbortSignal.timeout(15_000);
  await lookUp(user, isOver, { pauses: [0, 1, 3, 6], timeLimit, left });
  const after = stored().find(isIt);
  // Deleted meanwhile.
  if (!after) return { status: 404, body: { error: 'There is no such connection.' } };
  if (!after.confirmed) return { status: 202, body: shown(after) };
  return { status: before ? 200 : 201, body: after };
}

/** Returns false for another user's key too, so that nobody learns that it exists. */
export function deleteConnection(user, key) {
  const isIt = (row) => isOf(user, row) && row.connection_key === key;
  const isThere = stored().some(isIt);
  if (isThere) change(isIt, () => undefined);
  return isThere;
}
