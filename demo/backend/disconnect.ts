import type { Owner } from './owner.js';
import type { PicaAccess } from './pica/access.js';
import { deleteById, findInVault, incomplete } from './pica/vault.js';

/**
 * Deletes one of the owner's connections at Pica, if it is there.
 *
 * @param signal gives up before Pica is asked to delete, and not after that: nobody would know what came of it
 * @returns whether it was
 * @throws Problem when that is not known
 */
export async function deleteFromVault(
  pica: PicaAccess,
  owner: Owner,
  key: string,
  signal: AbortSignal,
): Promise<boolean> {
  // The vault goes by ids of its own. Looking among the owner's is also what keeps others' from being deleted.
  const { connection, isComplete } = await findInVault(pica, owner, key, signal);
  if (!connection && isComplete) return false;
  if (!connection) throw incomplete();
  await deleteById(pica, connection.id);
  return true;
}
