import { Hono } from 'hono';
import type { Kysely } from 'kysely';
import { z } from 'zod';
import { UserConnections } from './database/connections.js';
import type { Schema } from './database/schema.js';
import { Problem } from './problem.js';
import { onlyFromThisSite } from './same-site.js';
import { requireUser } from './user.js';
import { validJson } from './validation.js';

// PostgreSQL's text cannot hold a zero byte, and no name or key has a use for the other control characters.
const line = (longest: number) =>
  z
    .string()
    .min(1)
    .max(longest)
    .regex(/^\P{Cc}*$/u, 'Must not have control characters');

const connectionSchema = z.object({
  platform: line(100),
  connection_key: line(500),
  environment: z.enum(['live', 'test']).default('live'),
  state: z.enum(['operational', 'degraded', 'failed', 'unknown']).default('operational'),
  name: line(200).optional(),
});

/** The user's stored connections. */
export function connectionRoutes(database: Kysely<Schema>, cookieSecret: string) {
  return new Hono()
    .use(onlyFromThisSite)
    .use(requireUser(cookieSecret))
    .get('/', async (context) => {
      const rows = await new UserConnections(database, context.get('user')).list();
      return context.json({ rows });
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
    .delete('/:key', async (context) => {
      const connections = new UserConnections(database, context.get('user'));
      const key = line(500).safeParse(context.req.param('key'));
      // Another user's connection is answered like one that does not exist: nobody learns that it does.
      if (!key.success || !(await connections.delete(key.data))) {
        throw new Problem(404, 'connection-not-found', 'There is no such connection.');
      }
      return context.body(null, 204);
    });
}
