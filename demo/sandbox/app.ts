import { Hono } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { ConnectParts } from './connect.js';
import { consentPage } from './consent-page.js';
import { answerError } from './errors.js';
import { integrationOf } from './integrations.js';
import { linkApi } from './link-api.js';
import { logoOf } from './logos.js';
import { picaApi } from './pica-api.js';

/** The routes that the sandbox has both in its own server and in a browser's service worker. */
export function sandboxApp(parts: ConnectParts & { secret: string }): Hono {
  const app = new Hono();
  app.route('/v1', picaApi(parts));
  app.route('/link', linkApi(parts));
  app.route('/', consentPage(parts));
  // pica-connect requests the icon to open a connection before the click.
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

/** Answers unknown paths and failures as Pica's API does. */
export function answerErrors(app: Hono): Hono {
  app.notFound((c) => answerError(c, 404, `The sandbox has nothing at ${c.req.path}.`));
  app.onError((error, c) => {
    if (error instanceof HTTPException) return answerError(c, error.status, error.message);
    console.error(error);
    return answerError(c, 500, 'The sandbox itself failed; its console says how.');
  });
  return app;
}
