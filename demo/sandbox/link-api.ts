import { Hono } from 'hono';
import { z } from 'zod';
import { connect, wishSchema, type ConnectingParts } from './connecting.js';
import { answerError } from './errors.js';
import { integrationOf } from './integrations.js';
import { validated } from './validated.js';

const apiKeySchema = wishSchema.extend({ apiKey: z.string().trim().min(1) });

/** `/link`: what the script of AuthKit's page asks the sandbox for. */
export function linkApi(parts: ConnectingParts) {
  return new Hono()
    .get('/definitions/:platform', (c) => {
      const integration = integrationOf(c.req.param('platform'));
      if (!integration) return answerError(c, 404, 'The sandbox does not have this platform.');
      return c.json({ oauth: integration.oauth });
    })
    .get('/attempts/:attempt', (c) => c.json(parts.attempts.outcomeOf(c.req.param('attempt'))))
    .post('/connections', validated('json', apiKeySchema), (c) => {
      const { apiKey, ...wish } = c.req.valid('json');
      if (!integrationOf(wish.platform)) {
        return answerError(c, 404, 'The sandbox does not have this platform.');
      }
      // The sandbox cannot know a good key from a bad one, so a bad one has to say that it is.
      if (apiKey === 'wrong' || apiKey.startsWith('bad')) {
        return answerError(c, 422, 'The API key was refused.');
      }
      return c.json({ connection: connect(parts, wish) }, 201);
    });
}
