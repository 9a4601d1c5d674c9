import { z } from 'zod';
import { connectionFields } from '../connection-fields.js';
import type { Owner } from '../owner.js';
import { Problem } from '../problem.js';
import type { PicaAccess } from './access.js';
import { askPica, readFromPica, refusal } from './request.js';

const { connection_key, platform, environment, state, name } = connectionFields;

/** A row of the Vault API, as much of it as is used here. */
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

/** As the elements read a row that lacks its state, or has one that nobody knows. */
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
  /** Whether what is not in it is not in the vault either. */
  isComplete: boolean;
}

/** Two thousand connections of one owner. What is beyond is neither added nor thought missing. */
const mostPages = 20;

/**
 * The connections that Pica holds for one owner: those whose identity and its type are what the token endpoint gave.
 *
 * @throws Problem when the vault cannot be read
 */
export async function listVault(
  pica: PicaAccess,
  owner: Owner,
  signal?: AbortSignal,
): Promise<VaultListing> {
  const found = new Map<string, VaultConnection>();
  const totals = new Set<number | undefined>();
  let seen = 0;
  let isUnderstood = true;
  let pages = 1;
  for await (const page of vaultPages(pica, owner, signal)) {
    pages = page.pages ?? 1;
    totals.add(page.total);
    seen += page.rows.length;
    for (const row of page.rows) {
      if (!isOf(owner, row)) continue;
      const connection = rowSchema.safeParse(row);
      if (connection.success) found.set(connection.data.key, connection.data);
      else isUnderstood = false;
    }
  }
  // While pages are read, rows that come and go move others from one page to another, past the reader.
  const [total = seen] = totals;
  const isSteady = pages <= 1 || (totals.size === 1 && total === seen && found.size === seen);
  const isComplete = isUnderstood && isSteady && pages <= mostPages;
  return { connections: [...found.values()], isComplete };
}

/**
 * One connection of the owner's, where the vault has it.
 *
 * @throws Problem when the vault cannot be read
 */
export async function findInVault(
  pica: PicaAccess,
  owner: Owner,
  key: string,
  signal?: AbortSignal,
): Promise<VaultConnection | undefined> {
  for await (const page of vaultPages(pica, owner, signal)) {
    const row = page.rows.find((candidate) => candidate.key === key && isOf(owner, candidate));
    const connection = rowSchema.safeParse(row);
    if (connection.success) return connection.data;
  }
  return undefined;
}

/**
 * Deletes one of the owner's connections at Pica, if it is there.
 *
 * @returns whether it was
 * @throws Problem when that is not known
 */
export async function deleteFromVault(
  pica: PicaAccess,
  owner: Owner,
  key: string,
): Promise<boolean> {
  // The vault goes by ids of its own. Looking among the owner's is also what keeps others' from being deleted.
  const { connections, isComplete } = await listVault(pica, owner);
  const connection = connections.find((candidate) => candidate.key === key);
  if (!connection && isComplete) return false;
  if (!connection) throw incomplete();
  await deleteById(pica, connection.id);
  return true;
}

/**
 * Deletes everything that Pica holds for the owner.
 *
 * @returns the keys of what it was
 * @throws Problem when not all of it could be deleted; it is safe to repeat
 */
export async function emptyVault(pica: PicaAccess, owner: Owner): Promise<string[]> {
  const deleted = new Set<string>();
  for (;;) {
    const { connections, isComplete } = await listVault(pica, owner);
    const left = connections.filter(({ key }) => !deleted.has(key));
    for (const { id, key } of left) {
      await deleteById(pica, id);
      deleted.add(key);
    }
    if (isComplete) return [...deleted];
    // What could not be listed at once may be seen now that there is less of it.
    if (left.length === 0) throw incomplete();
  }
}

/** Deletes one at Pica, by the id that the vault has for it. */
export async function deleteById(pica: PicaAccess, id: string): Promise<void> {
  const path = `/v1/vault/connections/${encodeURIComponent(id)}`;
  const { status, ok } = await askPica(pica, { method: 'DELETE', path });
  // 404: somebody else has just deleted it, or this is asked again after an answer was lost.
  if (!ok && status !== 404) throw refusal(status);
}

async function* vaultPages(
  pica: PicaAccess,
  { identity, identityType }: Owner,
  signal?: AbortSignal,
): AsyncGenerator<VaultPage> {
  let pages = 1;
  for (let page = 1; page <= Math.min(pages, mostPages); page++) {
    const query = new URLSearchParams({ identity, identityType, limit: '100', page: String(page) });
    const read = await readFromPica(pica, pageSchema, {
      path: `/v1/vault/connections?${query.toString()}`,
      signal,
    });
    pages = read.pages ?? 1;
    yield read;
  }
}

/** Should the filters ever be overlooked, nobody is to be given what is not theirs. Without a type it is a user's. */
function isOf(owner: Owner, row: VaultPage['rows'][number]): boolean {
  return row.identity === owner.identity && (row.identityType ?? 'user') === owner.identityType;
}

const incomplete = () =>
  new Problem(502, 'pica-answer-invalid', 'Pica did not list all connections of their owner.');
