import { z } from 'zod';
import { connectionFields } from '../connection-fields.js';
import type { Owner } from '../owner.js';
import { Problem } from '../problem.js';
import type { PicaAccess } from './access.js';
import { refusal } from './problems.js';
import { requestPica, readFromPica } from './request.js';

const { connection_key, platform, environment, state, name } = connectionFields;

const id = z.union([z.string().min(1), z.number()]).transform(String);

/** The part of a Vault API row that is used here. */
const rowSchema = z
  .object({
    id,
    key: connection_key,
    platform,
    environment: environment.optional(),
    state: z.string().nullish(),
    active: z.boolean().nullish(),
    name: name.nullish().catch(undefined),
    createdAt: z.coerce.date().optional().catch(undefined),
  })
  .transform((row) => ({
    ...row,
    environment: row.environment ?? (row.key.startsWith('test::') ? 'test' : 'live'),
    state: stateOf(row.state, row.active),
  }));

export type VaultConnection = z.infer<typeof rowSchema>;

/** Enough of a row to delete it, even if the rest can't be parsed. */
const entrySchema = z.object({
  id: id.optional().catch(undefined),
  key: connection_key.optional().catch(undefined),
});

interface VaultEntry extends z.infer<typeof entrySchema> {
  /** undefined if the row can't be parsed */
  connection: VaultConnection | undefined;
}

/** Treats missing and unknown states in the same way as the elements. */
function stateOf(given: string | null | undefined, active: boolean | null | undefined) {
  if (given == null) return active === false ? 'failed' : 'operational';
  return state.safeParse(given).data ?? 'unknown';
}

const pageSchema = z.object({
  rows: z.array(
    z.looseObject({ identity: z.string().nullish(), identityType: z.string().nullish() }),
  ),
  pages: z.number().int().optional(),
  total: z.number().int().optional(),
});

type VaultPage = z.infer<typeof pageSchema>;

export interface VaultListing {
  connections: VaultConnection[];
  /** The keys of the vault's other rows, which can't be parsed. */
  unparsedKeys: string[];
  /** Whether the vault certainly has no other keys. */
  isComplete: boolean;
}

/** A hundred thousand connections of one owner, in case Pica's page count is nonsense. */
const maxPages = 1000;

interface ReadOptions {
  /** Cancels the work. */
  signal?: AbortSignal | undefined;
  /** After this, start no more pages and return an incomplete listing. */
  stopAfterMs?: number;
  /** Stop at the page that has this key. */
  untilKey?: string;
}

/**
 * Lists Pica's connections of one owner: those with the identity and type that the token endpoint gives.
 *
 * @throws Problem if the vault can't be read
 */
export async function listVault(
  pica: PicaAccess,
  owner: Owner,
  options: ReadOptions = {},
): Promise<VaultListing> {
  const { entries, isWhole } = await readVault(pica, owner, options);
  const connections = new Map<string, VaultConnection>();
  const keys = new Set<string>();
  for (const { key, connection } of entries) {
    if (connection) connections.set(connection.key, connection);
    if (key !== undefined) keys.add(key);
  }
  return {
    connections: [...connections.values()],
    unparsedKeys: [...keys].filter((key) => !connections.has(key)),
    isComplete: isWhole && haveKeys(entries),
  };
}

/** A row without a readable key could be any connection. */
const haveKeys = (entries: VaultEntry[]) => entries.every(({ key }) => key !== undefined);

/** @returns `isWhole`: whether the vault has no other rows of this owner */
async function readVault(
  pica: PicaAccess,
  owner: Owner,
  { signal, stopAfterMs = Infinity, untilKey }: ReadOptions,
): Promise<{ entries: VaultEntry[]; isWhole: boolean }> {
  const began = performance.now();
  const found = new Map<unknown, VaultEntry>();
  const totals = new Set<number | undefined>();
  let seen = 0;
  let hasKey = false;
  let pages = 1;
  let page = 1;
  for (; page <= Math.min(pages, maxPages); page++) {
    if (performance.now() - began > stopAfterMs) break;
    const read = await readPage(pica, owner, page, signal);
    // There may be no end to empty pages.
    if (read.rows.length === 0 && page > 1) break;
    pages = read.pages ?? 1;
    totals.add(read.total);
    seen += read.rows.length;
    for (const row of read.rows) {
      if (!isOf(owner, row)) continue;
      const entry = entrySchema.parse(row);
      const connection = rowSchema.safeParse(row).data;
      found.set(entry.id ?? entry.key ?? row, { ...entry, connection });
      if (untilKey !== undefined && entry.key === untilKey) hasKey = true;
    }
    if (hasKey) break;
  }
  // If rows are added or deleted while pages are read, others move between pages, and some may be missed.
  const [total = seen] = totals;
  const isSteady = pages <= 1 || (totals.size === 1 && total === seen && found.size === seen);
  return { entries: [...found.values()], isWhole: isSteady && page > pages };
}

/**
 * Looks for one of the owner's connections. Pica's API can't filter by key, so this reads pages until one has it, or
 * all of them.
 *
 * @returns `id`: what deletes it, even if the rest of its row can't be parsed; `isAbsent`: whether the vault certainly
 *   doesn't have it
 * @throws Problem if the vault can't be read
 */
export async function findInVault(
  pica: PicaAccess,
  owner: Owner,
  key: string,
  signal?: AbortSignal,
): Promise<{
  id: string | undefined;
  connection: VaultConnection | undefined;
  isAbsent: boolean;
}> {
  const { entries, isWhole } = await readVault(pica, owner, { signal, untilKey: key });
  const entry = entries.find((candidate) => candidate.key === key);
  const isAbsent = !entry && isWhole && haveKeys(entries);
  return { id: entry?.id, connection: entry?.connection, isAbsent };
}

/**
 * Deletes everything that Pica holds for the owner.
 *
 * @returns the keys of the deleted connections
 * @throws Problem if some could not be deleted. It is safe to repeat.
 */
export async function emptyVault(
  pica: PicaAccess,
  owner: Owner,
  signal?: AbortSignal,
): Promise<string[]> {
  const deleted = new Set<string>();
  const keys = new Set<string>();
  for (;;) {
    const { entries, isWhole } = await readVault(pica, owner, { signal });
    let isProgress = false;
    for (const entry of entries) {
      if (entry.id === undefined || deleted.has(entry.id)) continue;
      await deleteById(pica, entry.id, signal);
      deleted.add(entry.id);
      if (entry.key !== undefined) keys.add(entry.key);
      isProgress = true;
    }
    if (isWhole && entries.every((entry) => entry.id !== undefined)) return [...keys];
    // Now that there are fewer rows, the next listing may be complete.
    if (!isProgress) throw incomplete();
  }
}

/** Deletes a connection at Pica by the vault's own id. */
export async function deleteById(
  pica: PicaAccess,
  id: string,
  signal?: AbortSignal,
): Promise<void> {
  const path = `/v1/vault/connections/${encodeURIComponent(id)}`;
  const answer = await requestPica(pica, { method: 'DELETE', path, signal });
  // 404: another request has just deleted it, or an earlier attempt succeeded and its answer was lost.
  if (!answer.ok && answer.status !== 404) throw refusal(answer);
}

function readPage(
  pica: PicaAccess,
  { identity, identityType }: Owner,
  page: number,
  signal?: AbortSignal,
): Promise<VaultPage> {
  const query = new URLSearchParams({ identity, identityType, limit: '100', page: String(page) });
  const path = `/v1/vault/connections?${query.toString()}`;
  return readFromPica(pica, pageSchema, { path, signal });
}

/** Double-checks the owner, in case Pica ignores the filters. A row without a type belongs to a user. */
function isOf(owner: Owner, row: VaultPage['rows'][number]): boolean {
  return row.identity === owner.identity && (row.identityType ?? 'user') === owner.identityType;
}

export const incomplete = () =>
  new Problem(
    502,
    'pica-answer-invalid',
    'Pica did not list all connections of their owner.',
    'Try again in a few seconds.',
    5,
  );
