import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { environment, fetchVault, identityType, PicaError } from './pica.mjs';

// Synchronous, so that concurrent requests to this process can't overwrite each other's rows. If you run several
// processes, or your files don't last, use your database, with identity_type, user and connection_key as primary key.
const file = 'connections.json';
const readRows = () =>
  accessFile(() => {
    try {
      return JSON.parse(readFileSync(file, 'utf8'));
    } catch (error) {
      if (error.code === 'ENOENT') return [];
      throw error;
    }
  });
const writeRows = (rows) =>
  accessFile(() => {
    writeFileSync(`${file}.new`, JSON.stringify(rows, null, 2));
    renameSync(`${file}.new`, file); // Atomic, even if the process dies.
  });

/** Turns failures into 503, because they may be temporary: a full disk, or a database that is restarting. */
function accessFile(action) {
  try {
    return action();
  } catch (error) {
    console.error(`Could not access the stored connections: ${error.message}`);
    const headers = { 'Retry-After': '10' };
    throw Object.assign(new Error('Try again later.'), { status: 503, headers });
  }
}

/** @param update returns the new row, or undefined to delete it */
const updateRows = (isMatch, update) =>
  writeRows(readRows().flatMap((row) => (isMatch(row) ? (update(row) ?? []) : row)));

/** Rows from an earlier version have no identity type. */
const belongsTo = (user, row) =>
  row.user === user && (row.identity_type ?? 'user') === identityType;

/** What the page gets to see. Your server must never use an unconfirmed row: its key may be somebody else's. */
const toPublic = (row) => (row.confirmed ? row : { ...row, state: 'unknown', confirmed: false });

/** Takes platform and environment from the vault, because the page may have sent anything. */
const confirmRow = (row, { platform = row.platform, environment = row.environment }) => ({
  ...row,
  platform,
  environment,
  confirmed: true,
  unlisted_since: undefined,
});

/** Records when the vault first lacked a row, and deletes the row ten minutes later. */
function markUnlisted(row) {
  if (row.environment !== environment) return row;
  const { unlisted_since = new Date().toISOString() } = row;
  return Date.parse(unlisted_since) < Date.now() - 600_000 ? undefined : { ...row, unlisted_since };
}

/** Confirms the user's rows that the vault has. Reads no more pages than needed. */
async function compareWithVault(user, isDone, options) {
  const isUnconfirmed = (row) => belongsTo(user, row) && !row.confirmed;
  for await (const vault of fetchVault(user, options)) {
    const isListed = (row) => isUnconfirmed(row) && vault.has(row.connection_key);
    if (readRows().some(isListed))
      updateRows(isListed, (row) => confirmRow(row, vault.get(row.connection_key)));
    if (isDone()) return;
  }
  updateRows(isUnconfirmed, markUnlisted);
}

/** Users with a lookup in progress. Each may have only one, so that nobody can keep the server busy. */
const activeLookups = new Set();

/** Reads the vault after each pause, until it's done, Pica fails, or the client disconnects. */
async function lookUp(user, isDone, { pausesSeconds, timeoutSignal, clientSignal }) {
  if (activeLookups.has(user)) return;
  activeLookups.add(user);
  try {
    for (const seconds of pausesSeconds) {
      await sleep(seconds * 1000, undefined, { signal: clientSignal }).catch(() => undefined);
      if (clientSignal?.aborted) return;
      await compareWithVault(user, isDone, { timeoutSignal, clientSignal });
      if (isDone()) return;
    }
  } catch (error) {
    if (!(error instanceof PicaError)) throw error;
    console.error(`Could not confirm connections with Pica: ${error.message}`);
  } finally {
    activeLookups.delete(user);
  }
}

/**
 * Returns the user's connections. Looks up unconfirmed ones at Pica first.
 *
 * @param clientSignal aborted when the client disconnects
 */
export async function connectionsOf(user, clientSignal) {
  const isDone = () => readRows().every((row) => !belongsTo(user, row) || row.confirmed);
  if (!isDone()) {
    const timeoutSignal = AbortSignal.timeout(5_000);
    await lookUp(user, isDone, { pausesSeconds: [0], timeoutSignal, clientSignal });
  }
  return readRows()
    .filter((row) => belongsTo(user, row))
    .map(toPublic);
}

/**
 * Stores a connection, then asks Pica whether it belongs to the user: knowing a key proves nothing. Storing it first
 * makes sure that it isn't lost if the lookup fails.
 *
 * @param clientSignal aborted when the client disconnects
 */
export async function saveConnection(user, input, clientSignal) {
  const { platform, connection_key, environment = 'live', state = 'operational' } = input ?? {};
  const name = input?.name ?? undefined;
  const isText = (value) => typeof value === 'string' && value !== '' && value.length <= 500;
  if (![platform, connection_key, environment, state, name ?? 'none'].every(isText)) {
    return { status: 400, body: { error: 'platform and connection_key must be strings.' } };
  }
  const userRows = readRows().filter((row) => belongsTo(user, row));
  const isMatch = (row) => belongsTo(user, row) && row.connection_key === connection_key;
  const existing = userRows.find(isMatch);
  if (existing?.confirmed) {
    updateRows(isMatch, (row) => ({ ...row, state, name }));
    return { status: 200, body: readRows().find(isMatch) };
  }
  if (!existing && userRows.filter((row) => !row.confirmed).length >= 20) {
    const headers = { 'Retry-After': '600' };
    return { status: 429, body: { error: 'Too many unconfirmed connections.' }, headers };
  }
  const { created_at = new Date().toISOString() } = existing ?? {};
  const owner = { user, identity_type: identityType };
  const fields = { platform, connection_key, environment, state, name };
  const row = { ...owner, ...fields, confirmed: false, created_at };
  writeRows([...readRows().filter((other) => !isMatch(other)), row]);

  // The vault may list a new connection late.
  const pausesSeconds = [0, 1, 3, 6];
  const timeoutSignal = AbortSignal.timeout(15_000);
  const isDone = () => readRows().find(isMatch)?.confirmed ?? true;
  await lookUp(user, isDone, { pausesSeconds, timeoutSignal, clientSignal });
  const saved = readRows().find(isMatch);
  // The user may have deleted it during the lookup.
  if (!saved) return { status: 404, body: { error: 'There is no such connection.' } };
  if (!saved.confirmed) return { status: 202, body: toPublic(saved) };
  return { status: existing ? 200 : 201, body: saved };
}

/** Returns false for another user's key too, so that nobody learns that it exists. */
export function deleteConnection(user, key) {
  const isMatch = (row) => belongsTo(user, row) && row.connection_key === key;
  const exists = readRows().some(isMatch);
  if (exists) updateRows(isMatch, () => undefined);
  return exists;
}
