import { z } from 'zod';
import { connectionFields } from '../connection-fields.js';
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
  rows: z.array(z.looseObject({ identity: z.string().nullish() })),
  pages: z.number().int().optional(),
  total: z.number().int().optional(),
});

export interface VaultListing {
  connections: VaultConnection[];
  /** Whether what is not in it is not in the vault either. */
  isComplete: boolean;
}

/** Two thousand connections of one user. What is beyond is neither added nor thought missing. */
const mostPages = 20;

/**
 * The connections that Pica holds for one user: those whose identity is the user's id, as the token endpoint gave it.
 *
 * @throws Problem when the vault cannot be read
 */
export async function listVault(
  pica: PicaAccess,
  user: string,
  signal?: AbortSignal,
): Promise<VaultListing> {
  const found = new Map<string, VaultConnection>();
  const totals = new Set<number | undefined>();
  let seen = 0;
  let isUnderstood = true;
  let pages = 1;
  for (let page = 1; page <= Math.min(pages, mostPages); page++) {
    const query = new URLSearchParams({ identity: user, limit: '100', page: String(page) });
    const read = await readFromPica(pica, pageSchema, {
      path: `/v1/vault/connections?${query.toString()}`,
      signal,
    });
    pages = read.pages ?? 1;
    totals.add(read.total);
    seen += read.rows.length;
    for (const row of read.rows) {
      // Should the filter ever be overlooked, nobody is to be given what is not theirs.
      if (row.identity !== user) continue;
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
 * Deletes one of the user's connections at Pica, if it is there.
 *
 * @returns whether it was
 * @throws Problem when that is not known
 */
export async function deleteFromVault(
  pica: PicaAccess,
  user: string,
  key: string,
): Promise<boolean> {
  // The vault goes by ids of its own. Looking among the user's own is also what keeps others' from being deleted.
  const { connections, isComplete } = await listVault(pica, user);
  const connection = connections.find((candidate) => candidate.key === key);
  if (!connection && isComplete) return false;
  if (!connection) {
    throw new Problem(502, 'pica-answer-invalid', 'Pica did not list all connections of the user.');
  }
  const path = `/v1/vault/connections/${encodeURIComponent(connection.id)}`;
  const { status, ok } = await askPica(pica, { method: 'DELETE', path });
  // 404: somebody else has just deleted it, or this is asked again after an answer was lost.
  if (!ok && status !== 404) throw refusal(status);
  return true;
}
