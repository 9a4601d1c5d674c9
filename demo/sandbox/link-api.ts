import { Hono } from 'hono';
import { z } from 'zod';
import { connect, connectionRequestSchema, type ConnectParts } from './connect.js';
import { answerError } from './errors.js';
import { integrationOf } from './integrations.js';
import { validated } from './validated.js';

const apiKeySchema = connectionRequestSchema.extend({ apiKey: z.string().trim().min(1) });

/** `/link`: the API behind the script of AuthKit's page. */
export function linkApi(parts: ConnectParts) {
  return new Hono()
    .get('/definitions/:platform', (c) => {
      const integration = integrationOf(c.req.param('platform'));
      if (!integration) return answerError(c, 404, 'The sandbox does not have this platform.');
      return c.json({ oauth: integration.oauth });
    })
    .get('/attempts/:attempt', (c) => c.json(parts.attempts.outcomeOf(c.req.param('attempt'))))
    .post('/connections', validated('json', apiKeySchema), (c) => {
      const { apiKey, ...request } = c.req.valid('json');
      if (!integrationOf(request.platform)) {
        return answerError(c, 404, 'The sandbox does not have this platform.');
      }
      // The sandbox cannot check a key. These let tests and the demo see a refusal.
      if (apiKey === 'wrong' || apiKey.startsWith('bad')) {
        return answerError(c, 422, 'The API key was refused.');
      }
      return c.json({ connection: connect(parts, request) }, 201);
    });
}
