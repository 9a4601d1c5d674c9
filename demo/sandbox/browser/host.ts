import { Hono } from 'hono';
import { cors } from 'hono/cors';
import { z } from 'zod';
import { validated } from '../validated.js';
import { environments, states } from '../vault.js';
import type { BrowserStorage } from './browser-storage.js';

const storedSchema = z.object({
  platform: z.string().min(1),
  connection_key: z.string().min(1),
  environment: z.enum(environments),
  state: z.enum(states),
  name: z.string().optional(),
});

export type StoredConnection = z.infer<typeof storedSchema> & { created_at: string };

/** Sends a request to the Pica API with the secret key, as a host's backend does. */
export type FetchPica = (path: string, init?: RequestInit) => Promise<Response>;

/** The signed-in user. The sandbox in a browser has no other. */
const owner = { identity: 'visitor', identityType: 'user' };

/** `/api`: minimal versions of a host's three endpoints. Complete ones are in demo/app/backend. */
export function host(fetchPica: FetchPica, storage: BrowserStorage) {
  /** Fetches all pages of one of Pica's lists and merges them into one. */
  async function fetchAll(path: string, init?: RequestInit) {
    const rows: unknown[] = [];
    for (let page = 1; ; page++) {
      const answer = await fetchPica(`${path}?limit=100&page=${page}`, init);
      const part = (await answer.json()) as { rows: unknown[]; pages: number };
      rows.push(...part.rows);
      if (page >= part.pages) return { ...part, rows, page: 1, pages: 1 };
    }
  }

  return new Hono()
    .use('/authkit/token', cors())
    .post('/authkit/token', async (c) =>
      c.json(
        await fetchAll('/v1/authkit', {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(owner),
        }),
      ),
    )
    .get('/integrations', async (c) => {
      const answer = await fetchAll('/v1/available-connectors');
      // Hosts may offer only some of Pica's integrations: `?only=gmail,slack`.
      const only = c.req.query('only')?.split(',');
      const rows = (answer.rows as { platform: string }[]).filter(
        ({ platform }) => only?.includes(platform) ?? true,
      );
      return c.json({ ...answer, rows });
    })
    .get('/connections', (c) => c.json({ rows: storage.connections }))
    .post('/connections', validated('json', storedSchema), (c) => {
      const stored = { ...c.req.valid('json'), created_at: new Date().toISOString() };
      // A repeated request must not add a second row.
      const others = storage.connections.filter(
        (row) => row.connection_key !== stored.connection_key,
      );
      storage.connections = [...others, stored];
      return c.json(stored, 201);
    })
    .delete('/connections', (c) => {
      storage.connections = [];
      return c.body(null, 204);
    })
    .delete('/connections/:key', (c) => {
      const key = c.req.param('key');
      storage.connections = storage.connections.filter((row) => row.connection_key !== key);
      return c.body(null, 204);
    });
}
