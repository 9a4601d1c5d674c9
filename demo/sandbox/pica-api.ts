import type {
  AuthkitConnection,
  AuthkitResponse,
  UserFlags,
} from '@picahq/authkit-token/src/types';
import { Hono } from 'hono';
import { z } from 'zod';
import { answerError } from './errors.js';
import { integrations, type Integration } from './integrations.js';
import type { LinkSessions } from './link-sessions.js';
import { pageOf, pagingSchema } from './paging.js';
import { passthrough } from './passthrough.js';
import { validated } from './validated.js';
import { vaultApi } from './vault-api.js';
import { identityTypes, type Vault } from './vault.js';

const tokenSchema = z.object({
  identity: z.string().optional(),
  identityType: z.enum(identityTypes).optional(),
});

// When the account activated its integrations. Nothing depends on the date.
const activatedAt = '2025-01-15T09:00:00.000Z';

interface PicaApiParts {
  secret: string;
  vault: Vault;
  sessions: LinkSessions;
}

/** `/v1`: the part of the Pica API that a host's backend uses. */
export function picaApi({ secret, vault, sessions }: PicaApiParts) {
  const api = new Hono();

  api.use(async (c, next) => {
    const given = c.req.header('x-pica-secret');
    if (given === secret) return next();
    return answerError(
      c,
      401,
      given ? 'The secret key is not valid.' : 'The header x-pica-secret is missing.',
    );
  });

  api.get('/users/flags', (c) =>
    c.json<UserFlags>({
      accessList: [],
      authkitWhitelist: false,
      earlyAccess: [],
      completedQuickstart: true,
    }),
  );

  api.post('/authkit', validated('query', pagingSchema), validated('json', tokenSchema), (c) => {
    const rows = integrations.map((entry) => authkitRow(entry, vault.environment, c.req.url));
    return c.json<AuthkitResponse>({
      ...pageOf(rows, c.req.valid('query')),
      requestId: sessions.begin(c.req.valid('json')),
      isWhiteLabel: false,
    });
  });

  api.get('/available-connectors', validated('query', pagingSchema), (c) => {
    const rows = integrations.map((integration) => connectorRow(integration, c.req.url));
    return c.json(pageOf(rows, c.req.valid('query')));
  });

  api.route('/vault/connections', vaultApi(vault));
  api.all('/passthrough/*', passthrough(vault));
  return api;
}

/** `logos/` is next to `v1/`, whatever path the sandbox has. */
const logoUrl = (requested: string, platform: string) =>
  new URL(`../logos/${platform}.svg`, requested).href;

const authkitRow = (
  { definitionId, platform, name, category, active }: Integration,
  environment: string,
  requested: string,
): AuthkitConnection => ({
  id: definitionId + 10_000,
  connectionDefId: definitionId,
  type: platform,
  title: name,
  image: logoUrl(requested, platform),
  activatedAt,
  environment,
  createdAt: activatedAt,
  tags: [category],
  active,
});

const connectorRow = (
  { definitionId, platform, name, category, description, oauth, active }: Integration,
  requested: string,
) => ({
  id: definitionId,
  name,
  key: `api::${platform}::v1`,
  platform,
  category,
  image: logoUrl(requested, platform),
  description,
  tags: [],
  oauth,
  // Real rows have a number of tools. This one is made up, of a realistic size.
  tools: 5 + (definitionId % 40),
  version: '1.0.0',
  active,
});
