import { serveStatic } from '@hono/node-server/serve-static';
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { createMiddleware } from 'hono/factory';
import { secureHeaders } from 'hono/secure-headers';
import { connectionRoutes } from './connections.js';
import { credentialRoutes } from './credentials.js';
import type { Database } from './database/transaction.js';
import { healthRoutes } from './health.js';
import { integrationRoutes } from './integrations.js';
import { logRequests, requestIds, type Log } from './log.js';
import type { Metrics } from './metrics.js';
import type { OwnOrigins } from '../http/own-origins.js';
import { perUserOwnership, type Ownership } from './owner.js';
import type { PicaAccess } from './pica/access.js';
import { answerWithProblem, Problem } from './problem.js';
import type { Repairs } from './repairs.js';
import { siteGuards } from './same-site.js';
import type { Secrets } from './secrets.js';
import { sessionRoutes } from './session.js';
import { limitTime } from './time-limit.js';
import { tokenCors, tokenRoutes } from './token.js';
import { userDataRoutes } from './user-data.js';

export interface AppOptions {
  database: Database;
  /** For readiness checks only, because requests may keep all other connections busy. */
  monitoring: Database;
  pica: PicaAccess;
  repairs: Repairs;
  log: Log;
  metrics?: Metrics | undefined;
  /** Aborted as soon as the process is asked to end. From then on, `/readyz` says that it isn't ready. */
  draining: AbortSignal;
  /** Aborted when running requests have to finish. */
  closing: AbortSignal;
  authkitOrigin: string;
  /** The origins at which browsers reach the host. */
  origins: OwnOrigins;
  cookieSecrets: Secrets;
  credentialSecrets: Secrets;
  trustsPlainIds: boolean;
  confirmTimeoutMs: number;
  requestTimeoutMs: number;
  /** Default: {@link perUserOwnership}. */
  ownership?: Ownership | undefined;
  staticFolders: Record<string, string>;
  pageConfig: Record<string, unknown>;
}

/** The host's whole HTTP interface. */
export function createApp(options: AppOptions): Hono {
  const { database, pica, repairs, log, authkitOrigin, cookieSecrets } = options;
  const { credentialSecrets, trustsPlainIds, confirmTimeoutMs, draining, closing } = options;
  const { ownership = perUserOwnership } = options;
  const { onlyOwnHosts, isFromThisSite, onlyFromThisSite } = siteGuards(options.origins);
  const authentication = { cookieSecrets, credentialSecrets, trustsPlainIds, isFromThisSite };
  const app = new Hono();
  if (options.metrics) app.use(options.metrics.countRequests);
  app.use(requestIds, fileHeaders);
  // Come before the host check, because load balancers send an IP address as Host. They answer nothing private.
  app.use('/healthz', cacheControl('no-store'));
  app.use('/readyz', cacheControl('no-store'));
  app.route('/', healthRoutes(options.monitoring, draining, log));
  app.use(onlyOwnHosts);
  app.use('/api/*', logRequests(log), apiHeaders, cacheControl('no-store'));
  // Comes before everything that may refuse a request: without CORS headers, AuthKit's page can't read the error.
  app.use('/api/authkit/token', tokenCors(authkitOrigin));
  app.use('/api/*', limitTime(options.requestTimeoutMs), sizeLimit);

  app.route('/api/authkit/token', tokenRoutes({ pica, repairs, ownership, authentication }));
  app.route('/api/session', sessionRoutes(cookieSecrets, onlyFromThisSite));
  app.route('/api/credential', credentialRoutes(authentication, onlyFromThisSite));
  app.route(
    '/api/connections',
    connectionRoutes({
      ...{ database, pica, repairs, log, ownership, authentication, onlyFromThisSite },
      ...{ closing, confirmTimeoutMs },
    }),
  );
  app.route(
    '/api/user',
    userDataRoutes({ database, pica, ownership, authentication, onlyFromThisSite }),
  );
  app.route('/api/integrations', integrationRoutes(pica));
  app.get('/api/config', (context) => context.json(options.pageConfig));
  app.all('/api/*', () => {
    throw new Problem(404, 'not-found', 'There is no such endpoint.');
  });

  // Makes browsers revalidate each time, so that a reload shows a changed page.
  app.use(cacheControl('no-cache'));
  const longestFirst = Object.entries(options.staticFolders).sort(
    ([a], [b]) => b.length - a.length,
  );
  for (const [prefix, folder] of longestFirst) {
    const base = prefix.replace(/\/$/, '');
    // The page's relative URLs need the trailing slash.
    if (base) app.get(base, (context) => context.redirect(`${base}/`));
    const rewriteRequestPath = (path: string) => path.slice(base.length);
    app.use(`${base}/*`, serveStatic({ root: folder, rewriteRequestPath }));
  }
  app.notFound((context) => context.text('There is no such page.', 404));

  app.onError((error, context) => answerWithProblem(error, context, log));
  return app;
}

const headers = {
  // "same-origin" would keep AuthKit's frame from opening the popup that providers sign people in with.
  crossOriginOpenerPolicy: 'same-origin-allow-popups',
  referrerPolicy: 'strict-origin-when-cross-origin',
  // This server speaks plain HTTP. The proxy that terminates TLS should send this header.
  strictTransportSecurity: false,
};

/** Pages of other origins may load the elements' files. The API has stricter headers. */
const fileHeaders = secureHeaders({
  ...headers,
  crossOriginResourcePolicy: 'cross-origin',
  overwrite: false,
});
const apiHeaders = secureHeaders(headers);

/** The largest valid request is about a kilobyte. */
const sizeLimit = bodyLimit({
  maxSize: 16 * 1024,
  onError: () => {
    throw new Problem(413, 'request-too-large', 'A request may have 16 KiB at most.');
  },
});

const cacheControl = (value: string) =>
  createMiddleware(async (context, next) => {
    context.header('Cache-Control', value);
    await next();
  });
