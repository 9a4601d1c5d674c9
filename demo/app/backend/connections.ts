import { Hono } from 'hono';
import { z } from 'zod';
import { lookUp, Lookups } from './confirmation.js';
import { connectionFields } from './connection-fields.js';
import { UserConnections } from './database/connections.js';
import type { Database } from './database/transaction.js';
import { Disconnector } from './disconnect.js';
import type { Log } from './log.js';
import type { Ownership } from './owner.js';
import type { PicaAccess } from './pica/access.js';
import { sendTestMessage } from './pica/test-message.js';
import type { VaultConnection } from './pica/vault.js';
import { Problem } from './problem.js';
import type { Repairs } from './repairs.js';
import type { SiteGuards } from './same-site.js';
import type { LimitedEnvironment } from './time-limit.js';
import { requireUser, type Authentication } from './authentication.js';
import { onlyJson, validJson } from './validation.js';

const connectionSchema = z.object({
  ...connectionFields,
  environment: connectionFields.environment.default('live'),
  state: connectionFields.state.default('operational'),
  name: connectionFields.name.optional(),
});

export interface ConnectionParts {
  database: Database;
  pica: PicaAccess;
  repairs: Repairs;
  log: Log;
  ownership: Ownership;
  authentication: Authentication;
  onlyFromThisSite: SiteGuards['onlyFromThisSite'];
  /** Aborted as soon as the process begins to shut down. */
  closing: AbortSignal;
  /** How long to look for a new connection in Pica's vault. */
  confirmTimeoutMs: number;
}

/** `/api/connections`: the signed-in user's stored connections. */
export function connectionRoutes(parts: ConnectionParts) {
  const { database, pica, repairs, log, ownership, closing, confirmTimeoutMs } = parts;
  const lookups = new Lookups();
  const disconnector = new Disconnector(database, pica, log);
  return new Hono<LimitedEnvironment>()
    .use(onlyJson, parts.onlyFromThisSite, requireUser('connections', parts.authentication))
    .get('/', async (context) => {
      const owner = await ownership.ownerOf(context.get('user'));
      // Doesn't wait for Pica. Corrections are in the table when the user looks again.
      repairs.request(owner);
      const connections = new UserConnections(database, owner, context.get('signal'));
      return context.json({ rows: await connections.list() });
    })
    .post('/', validJson(connectionSchema), async (context) => {
      const owner = await ownership.ownerOf(context.get('user'));
      const connections = new UserConnections(database, owner, context.get('signal'));
      const input = context.req.valid('json');
      const known = await connections.update(input);
      if (known) return context.json(known);
      // Knowing a key proves nothing, so store a claim first. Do it before asking Pica, in case this process ends.
      const claim = await connections.claim(input);
      if (!claim) throw tooManyClaims();
      const key = input.connection_key;
      const look = (timeoutMs = confirmTimeoutMs) =>
        lookUp(pica, owner, key, timeoutMs, [context.get('signal'), closing]);
      // While an old connection with this key is being deleted, finding the key in the vault proves nothing.
      const connection = claim.isBeingDeleted ? undefined : await lookups.run(owner, key, look);
      // From here on, continue even if the client has disconnected.
      if (!connection) {
        await repairs.expectConfirmation(owner);
        return context.json(claim.row, 202);
      }
      const row = await new UserConnections(database, owner).confirm(connection);
      if (!row) throw notFound();
      return context.json(row, row.id === claim.row.id && claim.isNew ? 201 : 200);
    })
    .post('/:key/test', async (context) => {
      const owner = await ownership.ownerOf(context.get('user'));
      const key = keyOf(context.req.param('key'));
      const connections = new UserConnections(database, owner, context.get('signal'));
      const { platform } = await findUsable(connections, key, () =>
        lookUp(pica, owner, key, 0, [context.get('signal'), closing]),
      );
      const status = await sendTestMessage(pica, key, context.get('signal'));
      return context.json({ platform, status });
    })
    .delete('/:key', async (context) => {
      const user = context.get('user');
      const owner = await ownership.ownerOf(user);
      const key = keyOf(context.req.param('key'));
      if (!(await ownership.mayDisconnect(user, owner))) {
        throw new Problem(
          403,
          'disconnect-refused',
          'Others use this connection too. You may not disconnect it.',
        );
      }
      const wasThere = await disconnector.delete(owner, key, context.get('signal'));
      if (!wasThere) throw notFound();
      return context.body(null, 204);
    });
}

/**
 * Returns a connection that may be used. All code that uses a key gets it from here.
 *
 * @param look looks once into the owner's vault
 * @throws Problem if it isn't the owner's, isn't confirmed, is being deleted, or is gone from Pica
 */
async function findUsable(
  connections: UserConnections,
  key: string,
  look: () => Promise<VaultConnection | undefined>,
) {
  const row = await connections.find(key);
  if (row?.deleting_since) {
    throw new Problem(409, 'connection-being-deleted', 'This connection is being disconnected.');
  }
  if (row && !row.missing_since) return row;
  if (row) {
    throw new Problem(
      409,
      'connection-missing',
      'Pica does not have this connection any more.',
      'Reconnect the account.',
    );
  }
  if (!(await connections.isUnconfirmed(key))) throw notFound();
  const seen = await look();
  const confirmed = seen && (await connections.confirm(seen));
  if (confirmed) return confirmed;
  throw new Problem(
    409,
    'connection-unconfirmed',
    'Pica has not confirmed this connection yet.',
    'Try again in a minute, or connect the account again.',
  );
}

function keyOf(parameter: string): string {
  const key = connectionFields.connection_key.safeParse(parameter);
  if (!key.success) throw notFound();
  return key.data;
}

function tooManyClaims(): Problem {
  return new Problem(
    429,
    'too-many-unconfirmed',
    'Too many connections of this owner are still unconfirmed.',
    'Try again later. Pica confirms them, or they are dropped after ten minutes.',
    // By then, the owner's real connections have been confirmed.
    10,
  );
}

/** The answer for another user's connection, too, so that nobody learns that it exists. */
function notFound(): Problem {
  return new Problem(404, 'connection-not-found', 'There is no such connection.');
}
