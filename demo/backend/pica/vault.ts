import { z } from 'zod';
import { connectionFields } from '../connection-fields.js';
import type { Owner } from '../owner.js';
import { Problem } from '../problem.js';
import type { PicaAccess } from './access.js';
import { refusal } from './problems.js';
import { askPica, readFromPica } from './request.js';

const { connection_key, platform, environment, state, name } = connectionFields;

/** The part of a Vault API row that is used here. */
const rowSchema = z
  .object({
    id: z.union([z.string().min(1), z.number()]).transform(String),
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

/** Handles missing and unknown states as the elements do. */
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
  /** Whether a key that isn't in `connections` isn't in the vault either. */
  isComplete: boolean;
}

/** In case the page count is nonsense: this is a hundred thousand connections of one owner. */
const maxPages = 1000;

interface ReadOptions {
  /** Gives up. */
  signal?: AbortSignal | undefined;
  /** After this, start no more pages and return an incomplete listing. */
  stopAfterMs?: number;
  /** Stop at the page that has this key. */
  untilKey?: string;
}

/**
 * Pica's connections for one owner: those with the identity and type that the token endpoint gives.
 *
 * @throws Problem when the vault cannot be read
 */
export async function listVault(
  pica: PicaAccess,
  owner: Owner,
  { signal, stopAfterMs = Infinity, untilKey }: ReadOptions = {},
): Promise<VaultListing> {
  const began = performance.now();
  const found = new Map<string, VaultConnection>();
  const totals = new Set<number | undefined>();
  let seen = 0;
  let isUnderstood = true;
  let pages = 1;
  let page = 1;
  for (; page <= Math.min(pages, maxPages); page++) {
    if (performance.now() - began > stopAfterMs) break;
    const read = await readPage(pica, owner, page, signal);
    // Empty pages could go on forever.
    if (read.rows.length === 0 && page > 1) break;
    pages = read.pages ?? 1;
    totals.add(read.total);
    seen += read.rows.length;
    for (const row of read.rows) {
      if (!isOf(owner, row)) continue;
      const connection = rowSchema.safeParse(row);
      if (connection.success) found.set(connection.data.key, connection.data);
      else isUnderstood = false;
    }
    if (untilKey !== undefined && found.has(untilKey)) break;
  }
  // If rows come or go while pages are read, others move between pages, and some may be missed.
  const [total = seen] = totals;
  const isSteady = pages <= 1 || (totals.size === 1 && total === seen && found.size === seen);
  const isComplete = isUnderstood && isSteady && page > pages;
  return { connections: [...found.values()], isComplete };
}

/**
 * Looks for one of the owner's connections. Pica's API can't filter by key, so this reads pages until one has it, or
 * all of them.
 *
 * @returns `isComplete`: if no connection was found, whether that proves that the vault doesn't have it
 * @throws Problem when the vault cannot be read
 */
export async function findInVault(
  pica: PicaAccess,
  owner: Owner,
  key: string,
  signal?: AbortSignal,
): Promise<{ connection: VaultConnection | undefined; isComplete: boolean }> {
  const { connections, isComplete } = await listVault(pica, owner, { signal, untilKey: key });
  return { connection: connections.find((candidate) => candidate.key === key), isComplete };
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
  for (;;) {
    const { connections, isComplete } = await listVault(pica, owner, { signal });
    const left = connections.filter(({ key }) => !deleted.has(key));
    for (const { id, key } of left) {
      await deleteById(pica, id, signal);
      deleted.add(key);
    }
    if (isComplete) return [...deleted];
    // What could not be listed at once may be seen now that there is less of it.
    if (left.length === 0) throw incomplete();
  }
}

/** Deletes one at Pica, by the id that the vault has for it. */
export async function deleteById(
  pica: PicaAccess,
  id: string,
  signal?: AbortSignal,
): Promise<void> {
  const path = `/v1/vault/connections/${encodeURIComponent(id)}`;
  const answer = await askPica(pica, { method: 'DELETE', path, signal });
  // 404: somebody else has just deleted it, or this is asked again after an answer was lost.
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

/** Should the filters ever be overlooked, nobody is to be given what is not theirs. Without a type it is a user's. */
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
