import { z } from 'zod';
import type { PicaAccess } from './access.js';
import { withTimeLimit } from '../time-limit.js';
import { tooSlow } from './problems.js';
import { readFromPica } from './request.js';

const text = z
  .string()
  .nullish()
  .transform((value) => value ?? '');

/** The part of an integration that pages show. */
const integrationSchema = z.object({
  platform: z.string().min(1),
  name: z.string().min(1),
  category: text,
  image: text,
  description: text,
});

export type Integration = z.infer<typeof integrationSchema>;

const pageSchema = z.object({
  rows: z.array(z.looseObject({ active: z.boolean().optional() })),
  pages: z.number().int().optional(),
});

/** Far more than there are, in case Pica's page count is nonsense. */
const maxPages = 100;

/** For all pages together. */
const timeoutMs = 15_000;

/**
 * Every integration that AuthKit can connect.
 *
 * @throws Problem if Pica can't be reached or answers with something else
 */
export function availableConnectors(pica: PicaAccess): Promise<Integration[]> {
  return withTimeLimit(timeoutMs, tooSlow(), [], (signal) => readConnectors(pica, signal));
}

async function readConnectors(pica: PicaAccess, signal: AbortSignal): Promise<Integration[]> {
  const integrations: Integration[] = [];
  for (let page = 1; page <= maxPages; page++) {
    const { rows, pages = 1 } = await readFromPica(pica, pageSchema, {
      path: `/v1/available-connectors?authkit=true&limit=100&page=${page}`,
      timeoutMs: 10_000,
      signal,
    });
    for (const row of rows) {
      // An invalid row must not hide the others.
      const integration = integrationSchema.safeParse(row);
      if (integration.success && row.active !== false) integrations.push(integration.data);
    }
    if (page >= pages) break;
  }
  return integrations;
}
