import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { createApp } from './app.js';
import { limitsSchema, type DatabaseLimits } from './database/limits.js';
import { openDatabase } from './database/open.js';
import { HttpServer } from './http-server.js';
import { createLog, logLevels } from './log.js';
import { environmentOf } from './pica/access.js';
import { OwnOrigins } from '../http/own-origins.js';
import type { Ownership } from './owner.js';
import { Metrics } from './metrics.js';
import { Repairs } from './repairs.js';
import { loadOrCreateSecrets, type Secrets } from './secrets.js';
import { StartError } from './start-error.js';

export interface BackendOptions {
  /** Default: 0, any free port. */
  port?: number;
  /** A folder for the embedded PostgreSQL, a `postgres://` URL of a server, or `memory://`. */
  database: string;
  /** Pool size and time limits, for a server. */
  databaseLimits?: Partial<DatabaseLimits>;
  /**
   * Pica's secret key. Never logged, and sent only to `picaApi`. To replace it, set the new one and the old one,
   * separated by a comma. As long as Pica refuses the new one, the old one is used.
   */
  picaSecret: string;
  /** Base URL of the Pica API: `https://api.picaos.com`, or the sandbox's. */
  picaApi: string;
  /** The origin of AuthKit's page, which may call the token endpoint. */
  authkitOrigin: string;
  /** Where browsers reach this host, such as `https://demo.example`. The names of this machine always work. */
  origins?: string[];
  /** The first one signs cookies. Older ones are still accepted. Default: kept in the data folder. */
  cookieSecrets?: string[] | undefined;
  /** The first one signs credentials. Older ones are still accepted. Default: kept in the data folder. */
  credentialSecrets?: string[] | undefined;
  /**
   * Trusts the header `x-user-id`, so anybody can act as any user. For tests only: with a live key, the backend refuses
   * to start.
   */
  trustsPlainIds?: boolean;
  /** Whose connections users work with. Default: each user's own. */
  ownership?: Ownership;
  /**
   * How long to look for a new connection in Pica's vault while the page waits. 0 looks once. Default: 10,000.
   */
  confirmTimeoutMs?: number;
  /**
   * After this time, a request gives up its work at Pica and in the database. It is answered at most five seconds later.
   * Default: 15,000, because the elements wait for 20 seconds.
   */
  requestTimeoutMs?: number;
  /** URL prefix → folder, such as `{'/': 'demo/app/pages/settings', '/dist': 'dist'}`. */
  staticFolders?: Record<string, string>;
  /** What `GET /api/config` tells the page. Everybody can read it. */
  pageConfig?: Record<string, unknown>;
  /** The lowest level to log, as lines of JSON on standard output. Default: `info`. */
  logLevel?: (typeof logLevels)[number];
  /** Seconds between two repairs of the same user. Default: 30. */
  repairPauseSeconds?: number;
  /**
   * How long everything still works after `close()`, while `/readyz` says 503 and each answer ends its connection. Must
   * be longer than the load balancer takes to notice. Default: 5000. 0 is for a terminal: it closes idle connections at
   * once.
   */
  drainMs?: number;
  /** How long running requests and repairs may take after that. Default: 20,000, the longest that a request can take. */
  closeTimeoutMs?: number | undefined;
  /**
   * How long an idle connection stays open. Must be longer than in the load balancer, which otherwise sends requests on
   * connections that are being closed. Default: 75,000.
   */
  keepAliveTimeoutMs?: number | undefined;
  /** The port that serves `/metrics` for Prometheus. 0 takes any free one. Default: no metrics. */
  metricsPort?: number | undefined;
}

export interface Backend {
  origin: string;
  /** The server with `/metrics`; undefined if metrics are off. */
  metricsOrigin: string | undefined;
  /** Drains, lets running requests and repairs finish, then closes the database and releases its folder. */
  close(): Promise<void>;
}

const httpUrl = z.url({ protocol: /^https?$/ });

const secretsSchema = z
  .array(z.string().min(32, 'a secret takes at least 32 random characters'))
  .refine((secrets): secrets is [string, ...string[]] => secrets.length > 0)
  .optional();

/** A database that no longer answers must not keep the process from ending. */
const databaseCloseTimeoutMs = 5000;

/** Checks everything that can be checked before the database is opened. */
const optionsSchema = z.object({
  databaseLimits: limitsSchema.prefault({}),
  // With a line break, which a key read from a file may have, fetch's error would contain the key.
  picaSecret: z
    .string()
    .transform((keys) => keys.split(',').map((key) => key.trim()))
    .refine(
      (keys): keys is [string, ...string[]] => keys.every((key) => /^[\x21-\x7e]+$/.test(key)),
      'PICA_SECRET_KEY must be set to a secret key of Pica',
    )
    .refine(
      (keys) => new Set(keys.map((key) => environmentOf([key]))).size === 1,
      'PICA_SECRET_KEY must have keys of one environment, live or test',
    ),
  picaApi: httpUrl.transform((url) => url.replace(/\/+$/, '')),
  authkitOrigin: httpUrl.transform((url) => new URL(url).origin),
  origins: z.array(httpUrl).default([]),
  cookieSecrets: secretsSchema,
  credentialSecrets: secretsSchema,
  trustsPlainIds: z.boolean().default(false),
  confirmTimeoutMs: z.number().min(0).default(10_000),
  requestTimeoutMs: z.number().min(1).default(15_000),
  logLevel: z.enum(logLevels).default('info'),
  repairPauseSeconds: z.number().min(0).default(30),
  drainMs: z.number().min(0).default(5000),
  closeTimeoutMs: z.number().min(0).default(20_000),
  keepAliveTimeoutMs: z.number().min(1).default(75_000),
  metricsPort: z.number().min(0).optional(),
});

/**
 * Starts the host. Either everything works or it throws and leaves nothing open.
 *
 * @throws StartError saying what to change
 */
export async function startBackend(options: BackendOptions): Promise<Backend> {
  const checked = optionsSchema.safeParse(options);
  if (!checked.success) {
    const [issue] = checked.error.issues;
    throw new StartError(`${issue?.path.join('.')}: ${issue?.message}.`);
  }
  const { picaApi, picaSecret, authkitOrigin, logLevel, repairPauseSeconds } = checked.data;
  const { trustsPlainIds, confirmTimeoutMs, requestTimeoutMs, drainMs, closeTimeoutMs } =
    checked.data;
  if (trustsPlainIds && environmentOf(picaSecret) === 'live') {
    throw new StartError(
      'INSECURE_PLAIN_USER_IDS lets anybody act as any user. Do not set it, or use a test key of Pica.',
    );
  }
  if (checked.data.cookieSecrets?.some((one) => checked.data.credentialSecrets?.includes(one))) {
    // Otherwise a cookie's signature would be valid for a credential, and vice versa.
    throw new StartError('COOKIE_SECRET and CREDENTIAL_SECRET must not be the same.');
  }
  const log = createLog(logLevel, [
    ...picaSecret,
    ...(checked.data.cookieSecrets ?? []),
    ...(checked.data.credentialSecrets ?? []),
  ]);
  if (trustsPlainIds) log.warn('INSECURE_PLAIN_USER_IDS is set: anybody can act as any user');
  const opened = await openDatabase(options.database, log, checked.data.databaseLimits);
  const { database, monitoring } = opened;
  let metricsServer: HttpServer | undefined;
  const secretsOf = (kind: string, given: Secrets | undefined) =>
    given ? Promise.resolve(given) : loadOrCreateSecrets(opened.folder, `${kind}-secret`);
  try {
    const { metricsPort, keepAliveTimeoutMs } = checked.data;
    const metrics = metricsPort === undefined ? undefined : new Metrics(opened);
    const pica = { api: picaApi, secrets: picaSecret, observer: metrics?.observePica };
    const observer = metrics?.repairObserver;
    const repairs = new Repairs({
      database,
      pica,
      log,
      pauseSeconds: repairPauseSeconds,
      observer,
    });
    const draining = new AbortController();
    const closing = new AbortController();
    // Every running request adds a listener. Node warns of a leak at eleven.
    setMaxListeners(0, closing.signal);
    const app = createApp({
      ...{ database, monitoring, pica, repairs, log, metrics, authkitOrigin },
      ...{ draining: draining.signal, closing: closing.signal },
      origins: new OwnOrigins(checked.data.origins),
      cookieSecrets: await secretsOf('cookie', checked.data.cookieSecrets),
      credentialSecrets: await secretsOf('credential', checked.data.credentialSecrets),
      ...{ trustsPlainIds, confirmTimeoutMs, requestTimeoutMs, ownership: options.ownership },
      staticFolders: options.staticFolders ?? {},
      pageConfig: options.pageConfig ?? {},
    });
    if (metrics && metricsPort !== undefined) {
      const { fetch } = metrics;
      const portSetting = 'METRICS_PORT';
      metricsServer = await HttpServer.listen({
        ...{ fetch, port: metricsPort, portSetting, keepAliveTimeoutMs },
      });
    }
    const { port = 0 } = options;
    const server = await HttpServer.listen({
      ...{ fetch: app.fetch, port, portSetting: 'PORT', keepAliveTimeoutMs },
    });
    const { origin } = server;
    const metricsOrigin = metricsServer?.origin;
    repairs.start();
    log.info({ origin, metricsOrigin }, 'started');

    const close = async () => {
      log.info({ drainMs }, 'closing');
      draining.abort();
      server.announceEnd();
      if (drainMs > 0) await delay(drainMs);
      closing.abort();
      const overdue = AbortSignal.timeout(closeTimeoutMs);
      await Promise.all([server.close(overdue, drainMs === 0), repairs.close(overdue)]);
      await metricsServer?.close(overdue, true);
      await Promise.race([
        opened.close(),
        delay(databaseCloseTimeoutMs, undefined, { ref: false }),
      ]);
      log.info('ended');
    };
    let closed: Promise<void> | undefined;
    return { origin, metricsOrigin, close: () => (closed ??= close()) };
  } catch (error) {
    await metricsServer?.close(AbortSignal.abort());
    await opened.close();
    throw error;
  }
}
