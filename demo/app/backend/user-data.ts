import { Hono } from 'hono';
import { beginForgetting } from './database/deletions.js';
import { forgetOwner } from './database/delete-owner.js';
import type { Database } from './database/transaction.js';
import type { Ownership } from './owner.js';
import type { PicaAccess } from './pica/access.js';
import { emptyVault } from './pica/vault.js';
import type { SiteGuards } from './same-site.js';
import type { LimitedEnvironment } from './time-limit.js';
import { requireUser, type WhoAsks } from './authentication.js';

export interface UserDataParts {
  database: Database;
  pica: PicaAccess;
  ownership: Ownership;
  whoAsks: WhoAsks;
  onlyFromThisSite: SiteGuards['onlyFromThisSite'];
}

/** `DELETE /api/user`: deletes everything of the user, here and at Pica. A team's connections stay. */
export function userDataRoutes(parts: UserDataParts) {
  const { database, pica, ownership, whoAsks, onlyFromThisSite } = parts;
  return new Hono<LimitedEnvironment>()
    .use(onlyFromThisSite, requireUser('connections', whoAsks))
    .delete('/', async (context) => {
      const owner = await ownership.ownerOf(context.get('user'));
      if (owner.identityType !== 'user') return context.body(null, 204);
      // The same three steps as for one connection. A failure leaves the rows for a repair, and can be repeated.
      await beginForgetting(database, owner, context.get('signal'));
      const keys = await emptyVault(pica, owner, context.get('signal'));
      await forgetOwner(database, owner, keys);
      return context.body(null, 204);
    });
}
