import { Hono } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { ConnectingParts } from './connecting.js';
import { consentPage } from './consent-page.js';
import { answerError } from './errors.js';
import { integrationOf } from './integrations.js';
import { linkApi } from './link-api.js';
import { logoOf } from './logos.js';
import { picaApi } from './pica-api.js';

/** What the sandbox answers wherever it runs: in a server of its own, or in a browser's service worker. */
export function sandboxApp(parts: ConnectingParts & { secret: string }): Hono {
  const app = new Hono();
  app.route('/v1', picaApi(parts));
  app.route('/link', linkApi(parts));
  app.route('/', consentPage(parts));
  // Every server is asked for it; pica-connect does it to be connected ahead of the click.
  app.get('/favicon.ico', (c) =>
    c.body('<svg xmlns="http://www.w3.org/2000/svg"/>', 200, { 'content-type': 'image/svg+xml' }),
  );
  app.get('/logos/:file{.+\\.svg}', (c) => {
    const integration = integrationOf(c.req.param('file').replace(/\.svg$/, ''));
    if (!integration) return c.notFound();
    return c.body(logoOf(integration), 200, {
      'content-type': 'image/svg+xml',
      'cache-control': 'public, max-age=3600',
    });
  });
  return app;
}

/** Says what it does not have and what went wrong in Pica's form, for all of it. */
export function answerErrors(app: Hono): Hono {
  app.notFound((c) => answerError(c, 404, `The sandbox has nothing at ${c.req.path}.`));
  app.onError((error, c) => {
    if (error instanceof HTTPException) return answerError(c, error.status, error.message);
    console.error(error);
    return answerError(c, 500, 'The sandbox itself failed; its console says how.');
  });
  return app;
}
