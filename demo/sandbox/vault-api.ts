import { Hono, type Context } from 'hono';
import { z } from 'zod';
import { answerError } from './errors.js';
import { pageOf, pagingSchema } from './paging.js';
import { validated } from './validated.js';
import { identityTypes, type Vault } from './vault.js';

const listSchema = pagingSchema.extend({
  identity: z.string().optional(),
  identityType: z.enum(identityTypes).optional(),
  platform: z.string().optional(),
});

const patchSchema = z.object({ tags: z.array(z.string()) });

const notFound = (c: Context) => answerError(c, 404, 'There is no connection with this id.');

/** `/v1/vault/connections`: by `id`, never by key. Pica does not check who owns a connection; the backend must. */
export function vaultApi(vault: Vault) {
  return new Hono()
    .get('/', validated('query', listSchema), (c) => {
      const { limit, page, ...filter } = c.req.valid('query');
      return c.json(pageOf(vault.list(filter), { limit, page }));
    })
    .get('/:id', (c) => {
      const row = vault.get(c.req.param('id'));
      return row ? c.json(row) : notFound(c);
    })
    .patch('/:id', validated('json', patchSchema), (c) => {
      const row = vault.change(c.req.param('id'), c.req.valid('json'));
      return row ? c.json(row) : notFound(c);
    })
    .delete('/:id', (c) => {
      const row = vault.remove(c.req.param('id'));
      return row ? c.json(row) : notFound(c);
    });
}
