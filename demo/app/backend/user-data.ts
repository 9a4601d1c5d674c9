import { Hono } from 'hono';
import { beginOwnerDeletion } from './database/deletions.js';
import { deleteOwner } from './database/delete-owner.js';
import type { Database } from './database/transaction.js';
import type { Ownership } from './owner.js';
import type { PicaAccess } from './pica/access.js';
import { emptyVault } from './pica/vault.js';
import type { SiteGuards } from './same-site.js';
import type { LimitedEnvironment } from './time-limit.js';
import { requireUser, type Authentication } from './authentication.js';

export interface UserDataParts {
  database: Database;
  pica: PicaAccess;
  ownership: Ownership;
  authentication: Authentication;
  onlyFromThisSite: SiteGuards['onlyFromThisSite'];
}

/** `DELETE /api/user`: deletes everything that the user has, here and at Pica. A team's connections stay. */
export function userDataRoutes(parts: UserDataParts) {
  const { database, pica, ownership, authentication, onlyFromThisSite } = parts;
  return new Hono<LimitedEnvironment>()
    .use(onlyFromThisSite, requireUser('connections', authentication))
    .delete('/', async (context) => {
      const owner = await ownership.ownerOf(context.get('user'));
      if (owner.identityType !== 'user') return context.body(null, 204);
      // These are the same three steps as for one connection. If one fails, the request can be repeated, and the rows
      // are left for a repair.
      await beginOwnerDeletion(database, owner, context.get('signal'));
      const keys = await emptyVault(pica, owner, context.get('signal'));
      await deleteOwner(database, owner, keys);
      return context.body(null, 204);
    });
}
