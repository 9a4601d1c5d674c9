import { Hono } from 'hono';
import { z } from 'zod';
import { answerError } from './errors.js';
import { faultSchema, type Faults } from './faults.js';
import { validated } from './validated.js';
import { changeSchema, newRowSchema, type Vault } from './vault.js';

const findSchema = z
  .object({ id: z.string().optional(), key: z.string().optional() })
  .refine(({ id, key }) => id ?? key, {
    message: 'name the connection by id or key, or give a platform to add one',
  });

/** `/sandbox`: not part of Pica. Tests and the demo use it to inject faults and to read and change the vault. */
export function controlApi(vault: Vault, faults: Faults) {
  const api = new Hono();

  api.get('/faults', (c) => c.json({ faults: faults.all }));
  api.post('/faults', validated('json', faultSchema), (c) => {
    faults.add(c.req.valid('json'));
    return c.json({ faults: faults.all }, 201);
  });
  api.delete('/faults', (c) => {
    faults.clear();
    return c.body(null, 204);
  });

  api.get('/vault', (c) => c.json({ rows: vault.list() }));
  api.post('/vault', validated('json', z.record(z.string(), z.unknown())), (c) => {
    const given = c.req.valid('json');
    if ('platform' in given) {
      const entry = newRowSchema.safeParse(given);
      if (!entry.success) return answerError(c, 400, z.prettifyError(entry.error));
      return c.json(vault.add(entry.data), 201);
    }
    const { id, key, ...rest } = given;
    const find = findSchema.safeParse({ id, key });
    if (!find.success) return answerError(c, 400, z.prettifyError(find.error));
    const change = changeSchema.safeParse(rest);
    if (!change.success) return answerError(c, 400, z.prettifyError(change.error));
    const found = find.data.id ?? vault.withKey(find.data.key ?? '')?.id ?? '';
    const row = vault.change(found, change.data);
    return row ? c.json(row) : answerError(c, 404, 'There is no such connection in the vault.');
  });
  api.delete('/vault', (c) => {
    vault.clear();
    return c.body(null, 204);
  });
  return api;
}
