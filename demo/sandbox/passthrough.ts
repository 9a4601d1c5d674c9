import type { Context } from 'hono';
import { answerError } from './errors.js';
import type { Vault } from './vault.js';

/** `/v1/passthrough/…`: answers with the request that Pica would have sent to the integration. */
export const passthrough = (vault: Vault) => async (c: Context) => {
  const key = c.req.header('x-pica-connection-key');
  if (!key) return answerError(c, 400, 'The header x-pica-connection-key is missing.');
  const connection = vault.withKey(key);
  if (!connection) return answerError(c, 404, 'There is no connection with this key.');
  if (!connection.active) {
    return answerError(c, 403, 'The connection has failed and must be made anew.');
  }

  const text = await c.req.text();
  return c.json({
    sandbox: true,
    platform: connection.platform,
    request: {
      method: c.req.method,
      path: c.req.path.replace(/^.*?\/v1\/passthrough/, ''),
      query: c.req.query(),
      body: parseBody(text),
      actionId: c.req.header('x-pica-action-id') ?? null,
    },
  });
};

function parseBody(text: string): unknown {
  if (!text) return null;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
