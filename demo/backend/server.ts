import type { Server } from 'node:http';
import { createAdaptorServer } from '@hono/node-server';
import { z } from 'zod';
import { createApp } from './app.js';
import { openDatabase } from './database/open.js';
import { cookieSecretOf } from './session.js';
import { StartError } from './start-error.js';

export interface BackendOptions {
  /** 0, the default, takes any that is free. */
  port?: number;
  /** A folder for the embedded PostgreSQL, a `postgres://` URL of a server, or `memory://`. */
  database: string;
  /** Pica's secret key. Never logged, never sent anywhere but to `picaApi`. */
  picaSecret: string;
  /** Base URL of the Pica API: `https://api.picaos.com`, or the sandbox's. */
  picaApi: string;
  /** The origin of AuthKit's page, which may call the token endpoint. */
  authkitOrigin: string;
  /** URL prefix → folder, such as `{'/': 'demo/page', '/dist': 'dist'}`. */
  staticFolders?: Record<string, string>;
  /** What `GET /api/config` tells the page. Everybody can read it. */
  pageConfig?: Record<string, unknown>;
}

export interface Backend {
  origin: string;
  /** Lets running requests finish, then closes the database and gives its folder free. */
  close(): Promise<void>;
}

const httpUrl = z.url({ protocol: /^https?$/ });

/** What can be said about the options before anything is opened. */
const optionsSchema = z.object({
  // A line break from a file would make it an invalid header, and the error that repeats the value is printed.
  picaSecret: z
    .string()
    .trim()
    .regex(/^[\x21-\x7e]+$/, 'PICA_SECRET_KEY must be set to a secret key of Pica'),
  picaApi: httpUrl.transform((url) => url.replace(/\/+$/, '')),
  authkitOrigin: httpUrl.transform((url) => new URL(url).origin),
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
  const { picaApi, picaSecret, authkitOrigin } = checked.data;
  const opened = await openDatabase(options.database);
  try {
    const app = createApp({
      database: opened.database,
      pica: { api: picaApi, secret: picaSecret },
      authkitOrigin,
      cookieSecret: await cookieSecretOf(opened.folder),
      staticFolders: options.staticFolders ?? {},
      pageConfig: options.pageConfig ?? {},
    });
    const server = createAdaptorServer({ fetch: app.fetch }) as Server;
    const origin = await listen(server, options.port ?? 0);
    let closing: Promise<void> | undefined;
    const close = () => (closing ??= closeServer(server).then(() => opened.close()));
    return { origin, close };
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

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    // A browser that keeps a connection open must not keep the process.
    setTimeout(() => server.closeAllConnections(), 3000).unref();
  });
}
