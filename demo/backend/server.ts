import type { Server } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { createAdaptorServer } from '@hono/node-server';
import { z } from 'zod';
import { createApp } from './app.js';
import { openDatabase } from './database/open.js';
import { createLog, logLevels } from './log.js';
import { environmentOf } from './pica/access.js';
import { OwnOrigins } from '../http/own-origins.js';
import type { Ownership } from './owner.js';
import { Repairs } from './repairs.js';
import { keptSecrets, type Secrets } from './secrets.js';
import { StartError } from './start-error.js';

export interface BackendOptions {
  /** 0, the default, takes any that is free. */
  port?: number;
  /** A folder for the embedded PostgreSQL, a `postgres://` URL of a server, or `memory://`. */
  database: string;
  /**
   * Pica's secret key. Never logged, never sent anywhere but to `picaApi`. While it is replaced: the new one and the
   * old one, with a comma between. The old one is used for as long as Pica refuses the new one.
   */
  picaSecret: string;
  /** Base URL of the Pica API: `https://api.picaos.com`, or the sandbox's. */
  picaApi: string;
  /** The origin of AuthKit's page, which may call the token endpoint. */
  authkitOrigin: string;
  /** Where browsers reach this host, such as `https://demo.example`, besides this machine's own names. */
  origins?: string[];
  /** What cookies are signed with, and older ones that still count. Default: kept in the data folder. */
  cookieSecrets?: string[] | undefined;
  /** What credentials are signed with, and older ones that still count. Default: kept in the data folder. */
  credentialSecrets?: string[] | undefined;
  /**
   * Believes the header `x-user-id`: whoever sends it is that user. For tests alone; with a live key of Pica's the
   * backend does not start.
   */
  trustsPlainIds?: boolean;
  /** Whose connections users work with. Default: each user's own. */
  ownership?: Ownership;
  /**
   * For how long a new connection is looked for in Pica's vault while the page waits. Default: ten
   * seconds; 0 is one look.
   */
  confirmTimeoutMs?: number;
  /**
   * After this long, a request gives up what it does at Pica and in the database; it is answered at most five seconds
   * later. Default: 25 seconds.
   */
  requestTimeoutMs?: number;
  /** URL prefix → folder, such as `{'/': 'demo/page', '/dist': 'dist'}`. */
  staticFolders?: Record<string, string>;
  /** What `GET /api/config` tells the page. Everybody can read it. */
  pageConfig?: Record<string, unknown>;
  /** From which level on it is logged, as a line of JSON each on standard output. Default: `info`. */
  logLevel?: (typeof logLevels)[number];
  /** Seconds: no user's connections are compared with Pica's vault more often. Default: 30. */
  repairPause?: number;
  /**
   * Seconds from `close()` on in which `/readyz` says 503 and everything else still works, so that whoever spreads
   * requests has time to hear of it. Default: 0.
   */
  drain?: number;
}

export interface Backend {
  origin: string;
  /** Lets running requests and repairs finish, ten seconds at most, then closes the database and gives its folder free. */
  close(): Promise<void>;
}

/** How long what is under way may take when the process is to end, in milliseconds. */
const patience = 10_000;

const httpUrl = z.url({ protocol: /^https?$/ });

const secretsSchema = z
  .array(z.string().min(32, 'a secret takes 32 characters, of chance'))
  .refine((secrets): secrets is [string, ...string[]] => secrets.length > 0)
  .optional();

/** What can be said about the options before anything is opened. */
const optionsSchema = z.object({
  // A line break from a file would make it an invalid header, and the error that repeats the value is printed.
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
  requestTimeoutMs: z.number().min(1).default(25_000),
  logLevel: z.enum(logLevels).default('info'),
  repairPause: z.number().min(0).default(30),
  drain: z.number().min(0).default(0),
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
  const { picaApi, picaSecret, authkitOrigin, logLevel, repairPause, drain } = checked.data;
  const { trustsPlainIds, confirmTimeoutMs, requestTimeoutMs } = checked.data;
  const pica = { api: picaApi, secrets: picaSecret };
  if (trustsPlainIds && environmentOf(picaSecret) === 'live') {
    throw new StartError(
      'INSECURE_PLAIN_USER_IDS lets anybody be any user. Do not set it, or use a test key of Pica.',
    );
  }
  if (checked.data.cookieSecrets?.some((one) => checked.data.credentialSecrets?.includes(one))) {
    // What is signed for the one could be presented as the other.
    throw new StartError('COOKIE_SECRET and CREDENTIAL_SECRET must not be the same.');
  }
  const log = createLog(logLevel, [
    ...picaSecret,
    ...(checked.data.cookieSecrets ?? []),
    ...(checked.data.credentialSecrets ?? []),
  ]);
  if (trustsPlainIds) log.warn('INSECURE_PLAIN_USER_IDS is set: anybody can be any user');
  const opened = await openDatabase(options.database, log);
  const { database } = opened;
  const secretsOf = (kind: string, given: Secrets | undefined) =>
    given ? Promise.resolve(given) : keptSecrets(opened.folder, `${kind}-secret`);
  try {
    const repairs = new Repairs({ database, pica, log, pause: repairPause });
    const closing = new AbortController();
    const app = createApp({
      ...{ database, pica, repairs, log, authkitOrigin },
      closing: closing.signal,
      origins: new OwnOrigins(checked.data.origins),
      cookieSecrets: await secretsOf('cookie', checked.data.cookieSecrets),
      credentialSecrets: await secretsOf('credential', checked.data.credentialSecrets),
      ...{ trustsPlainIds, confirmTimeoutMs, requestTimeoutMs, ownership: options.ownership },
      staticFolders: options.staticFolders ?? {},
      pageConfig: options.pageConfig ?? {},
    });
    const server = createAdaptorServer({ fetch: app.fetch }) as Server;
    const closeServer = closerOf(server);
    const origin = await listen(server, options.port ?? 0);
    repairs.start();
    log.info({ origin }, 'started');

    const close = async () => {
      closing.abort();
      log.info('closing');
      if (drain > 0) await delay(drain * 1000);
      const hurry = AbortSignal.timeout(patience);
      await Promise.all([closeServer(hurry), repairs.close(hurry)]);
      // A database that does not answer any more must not keep the process either.
      await Promise.race([opened.close(), delay(patience, undefined, { ref: false })]);
      log.info('ended');
    };
    let closed: Promise<void> | undefined;
    return { origin, close: () => (closed ??= close()) };
  } catch (error) {
    await opened.close();
    throw error;
  }
}

/** On this machine only: the demo's sign-in asks for no password. */
function listen(server: Server, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const reason = error.code === 'EADDRINUSE' ? 'is in use by another program' : error.message;
      reject(new StartError(`Port ${port}: ${reason}. Set PORT to another one.`));
    });
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      const actual = typeof address === 'object' && address ? address.port : port;
      resolve(`http://127.0.0.1:${actual}`);
    });
  });
}

/** What closes the server as soon as no request is being answered, or when it has to hurry. */
function closerOf(server: Server): (hurry: AbortSignal) => Promise<void> {
  let running = 0;
  let isClosing = false;
  const closeIfIdle = () => {
    // Browsers open connections ahead of requests, which Node takes for busy: they must not keep the process.
    if (isClosing && running === 0) server.closeAllConnections();
  };
  server.on('request', (_request, response) => {
    running += 1;
    response.once('close', () => {
      running -= 1;
      closeIfIdle();
    });
  });
  return (hurry) =>
    new Promise((resolve) => {
      isClosing = true;
      server.close(() => resolve());
      hurry.addEventListener('abort', () => server.closeAllConnections());
      closeIfIdle();
    });
}
