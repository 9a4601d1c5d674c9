import { Hono } from 'hono';
import type { Kysely } from 'kysely';
import { z } from 'zod';
import { connectionFields } from './connection-fields.js';
import { UserConnections } from './database/connections.js';
import type { Schema } from './database/schema.js';
import type { PicaAccess } from './pica/access.js';
import { sendTestMessage } from './pica/test-message.js';
import { deleteFromVault } from './pica/vault.js';
import { Problem } from './problem.js';
import type { Repairs } from './repairs.js';
import { onlyFromThisSite } from './same-site.js';
import { requireUser } from './user.js';
import { validJson } from './validation.js';

const connectionSchema = z.object({
  ...connectionFields,
  environment: connectionFields.environment.default('live'),
  state: connectionFields.state.default('operational'),
  name: connectionFields.name.optional(),
});

export interface ConnectionParts {
  database: Kysely<Schema>;
  pica: PicaAccess;
  repairs: Repairs;
  cookieSecret: string;
}

/** The user's stored connections. */
export function connectionRoutes({ database, pica, repairs, cookieSecret }: ConnectionParts) {
  return new Hono()
    .use(onlyFromThisSite)
    .use(requireUser(cookieSecret))
    .get('/', async (context) => {
      const user = context.get('user');
      // Pica is not waited for: what it knows better is in the table when the user looks again.
      repairs.ask(user);
      return context.json({ rows: await new UserConnections(database, user).list() });
    })
    .post('/', validJson(connectionSchema), async (context) => {
      const connections = new UserConnections(database, context.get('user'));
      const saved = await connections.save(context.req.valid('json'));
      if (saved.outcome === 'belongs-to-another-user') {
        throw new Problem(
          409,
          'connection-belongs-to-another-user',
          'This connection belongs to another user and stays there.',
          'Its owner has to disconnect it first.',
        );
      }
      return context.json(saved.row, saved.outcome === 'created' ? 201 : 200);
    })
    .post('/:key/test', async (context) => {
      const key = keyOf(context.req.param('key'));
      const row = await new UserConnections(database, context.get('user')).find(key);
      if (!row) throw notFound();
      const status = await sendTestMessage(pica, key);
      return context.json({ platform: row.platform, status });
    })
    .delete('/:key', async (context) => {
      const user = context.get('user');
      const key = keyOf(context.req.param('key'));
      // At Pica first: whatever goes wrong in between leaves a row to begin again from, and no forgotten grant.
      const wasInVault = await deleteFromVault(pica, user, key);
      const wasInTable = await new UserConnections(database, user).delete(key);
      if (!wasInVault && !wasInTable) throw notFound();
      return context.body(null, 204);
    });
}

function keyOf(parameter: string): string {
  const key = connectionFields.connection_key.safeParse(parameter);
  if (!key.success) throw notFound();
  return key.data;
}

/** Another user's connection is answered like one that does not exist: nobody learns that it does. */
function notFound(): Problem {
  return new Problem(404, 'connection-not-found', 'There is no such connection.');
}
