import { readFileSync } from 'node:fs';
import { Hono } from 'hono';
import { browserFiles } from './browser-files.js';
import { connect, wishSchema, type ConnectingParts } from './connecting.js';
import { answerError } from './errors.js';
import { integrationOf } from './integrations.js';
import { validated } from './validated.js';
import { z } from 'zod';

const folder = new URL('./hosted-page/', import.meta.url);

const apiKeySchema = wishSchema.extend({ apiKey: z.string().trim().min(1) });

/** `/authkit`, and what its script asks the sandbox for under `/link`. */
export function authkitPage(parts: ConnectingParts) {
  const page = readFileSync(new URL('page.html', folder), 'utf8');

  return new Hono()
    .get('/authkit', (c) => {
      // AuthKit's page is meant to be framed by anyone.
      c.header('content-security-policy', 'frame-ancestors *');
      return c.html(page);
    })
    .route('/hosted-page', browserFiles(folder))
    .get('/link/definitions/:platform', (c) => {
      const integration = integrationOf(c.req.param('platform'));
      if (!integration) return answerError(c, 404, 'The sandbox does not have this platform.');
      return c.json({ oauth: integration.oauth });
    })
    .get('/link/attempts/:attempt', (c) => c.json(parts.attempts.outcomeOf(c.req.param('attempt'))))
    .post('/link/connections', validated('json', apiKeySchema), (c) => {
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
