import { z } from 'zod';
import { Problem } from '../problem.js';
import type { PicaAccess } from './access.js';

const text = z
  .string()
  .nullish()
  .transform((value) => value ?? '');

/** Something that can be connected, as much of it as a page shows. */
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

/** Far more than there are; ends the loop should the count of pages ever be nonsense. */
const mostPages = 100;

/**
 * Every integration that AuthKit can connect.
 *
 * @throws Problem when Pica cannot be reached or answers with something else
 */
export async function availableConnectors(pica: PicaAccess): Promise<Integration[]> {
  const integrations: Integration[] = [];
  for (let page = 1; page <= mostPages; page++) {
    const { rows, pages = 1 } = await connectorsPage(pica, page);
    for (const row of rows) {
      // One row that cannot be shown is no reason to show none.
      const integration = integrationSchema.safeParse(row);
      if (integration.success && row.active !== false) integrations.push(integration.data);
    }
    if (page >= pages) break;
  }
  return integrations;
}

async function connectorsPage(pica: PicaAccess, page: number) {
  const path = `/v1/available-connectors?authkit=true&limit=100&page=${page}`;
  let response: Response;
  let body: unknown;
  try {
    response = await fetch(pica.api + path, {
      headers: { 'x-pica-secret': pica.secret },
      // A redirect would hand the key to wherever it leads.
      redirect: 'error',
      signal: AbortSignal.timeout(10_000),
    });
    body = await response.json();
  } catch (error) {
    // No `cause`: what fetch throws is for the log, and is not known to be free of headers.
    const reason = error instanceof SyntaxError ? 'pica-answer-invalid' : 'pica-unreachable';
    throw new Problem(502, reason, 'The list of integrations could not be read from Pica.');
  }
  const parsed = pageSchema.safeParse(body);
  if (response.ok && parsed.success) return parsed.data;
  if (response.status === 401 || response.status === 403) {
    throw new Problem(
      502,
      'pica-unauthorized',
      `Pica refused the host's secret key (status ${response.status}).`,
      'Set PICA_SECRET_KEY to a key from the API keys page of app.picaos.com.',
    );
  }
  throw new Problem(
    502,
    response.ok ? 'pica-answer-invalid' : 'pica-error',
    `Pica answered the list of integrations with status ${response.status}.`,
  );
}
