import { Hono } from 'hono';
import { cors } from 'hono/cors';
import { z } from 'zod';
import { validated } from '../validated.js';
import { environments, states } from '../vault.js';
import type { Kept } from './kept.js';

const storedSchema = z.object({
  platform: z.string().min(1),
  connection_key: z.string().min(1),
  environment: z.enum(environments),
  state: z.enum(states),
  name: z.string().optional(),
});

export type StoredConnection = z.infer<typeof storedSchema> & { created_at: string };

/** Asks the Pica API; what a host's backend does with its secret key. */
export type AskPica = (path: string, init?: RequestInit) => Promise<Response>;

/** Who is signed in: the sandbox of a browser has this one user. */
const owner = { identity: 'visitor', identityType: 'user' };

/** `/api`: the three endpoints of a host, as small as they can be. The demo's are in demo/app/backend. */
export function host(askPica: AskPica, kept: Kept) {
  /** All pages of one of Pica's lists as one. */
  async function all(path: string, init?: RequestInit) {
    const rows: unknown[] = [];
    for (let page = 1; ; page++) {
      const answer = await askPica(`${path}?limit=100&page=${page}`, init);
      const part = (await answer.json()) as { rows: unknown[]; pages: number };
      rows.push(...part.rows);
      if (page >= part.pages) return { ...part, rows, page: 1, pages: 1 };
    }
  }

  return new Hono()
    .use('/authkit/token', cors())
    .post('/authkit/token', async (c) =>
      c.json(
        await all('/v1/authkit', {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(owner),
        }),
      ),
    )
    .get('/integrations', async (c) => {
      const answer = await all('/v1/available-connectors');
      // A host need not offer all that Pica has: `?only=gmail,slack`.
      const only = c.req.query('only')?.split(',');
      const rows = (answer.rows as { platform: string }[]).filter(
        ({ platform }) => only?.includes(platform) ?? true,
      );
      return c.json({ ...answer, rows });
    })
    .get('/connections', (c) => c.json({ rows: kept.connections }))
    .post('/connections', validated('json', storedSchema), (c) => {
      const stored = { ...c.req.valid('json'), created_at: new Date().toISOString() };
      // Safe to repeat: one row a key.
      const others = kept.connections.filter((row) => row.connection_key !== stored.connection_key);
      kept.connections = [...others, stored];
      return c.json(stored, 201);
    })
    .delete('/connections', (c) => {
      kept.connections = [];
      return c.body(null, 204);
    })
    .delete('/connections/:key', (c) => {
      const key = c.req.param('key');
      kept.connections = kept.connections.filter((row) => row.connection_key !== key);
      return c.body(null, 204);
    });
}
