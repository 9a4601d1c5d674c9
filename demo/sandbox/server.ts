import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import { OwnOrigins } from '../app/http/own-origins.js';
import { answerErrors, sandboxApp } from './app.js';
import { controlApi } from './control-api.js';
import { Faults } from './faults.js';
import { LinkSessions } from './link-sessions.js';
import { OAuthAttempts } from './oauth-attempts.js';
import { onlyOwnHosts, onlyTrustedPages } from './origin-guards.js';
import { pages } from './pages.js';
import { VaultFile } from './vault-file.js';
import { Vault } from './vault.js';

export interface Sandbox {
  /** `{origin}/authkit` is AuthKit's page, `{origin}` the Pica API. */
  origin: string;
  close(): Promise<void>;
}

export interface SandboxOptions {
  /** 0, the default, picks a free one. */
  port?: number;
  /** The secret key that the API accepts. One that begins with `sk_live` creates live connections. */
  secret?: string;
  /** Stores the vault in this file. Without one it is empty at each start. */
  vaultFile?: string;
  /** Origins that it is reached at, such as `https://pica.example`, in addition to this machine's own names. */
  origins?: string[];
  /** Origins whose pages may read and change the vault and inject faults, in addition to its own. */
  trustedOrigins?: string[];
}

/** Starts a server that stands in for AuthKit's hosted page and for the Pica API. */
export async function startSandbox({
  port = 0,
  secret = 'sk_test_sandbox',
  vaultFile,
  origins = [],
  trustedOrigins = [],
}: SandboxOptions = {}): Promise<Sandbox> {
  const environment = secret.startsWith('sk_live') ? 'live' : 'test';
  const vault = new Vault(environment, vaultFile ? new VaultFile(vaultFile) : undefined);
  const sessions = new LinkSessions();
  const attempts = new OAuthAttempts();
  const faults = new Faults();

  const ownOrigins = new OwnOrigins(origins);
  const app = answerErrors(new Hono());
  app.use(onlyOwnHosts(ownOrigins));
  app.use('/sandbox/*', onlyTrustedPages(ownOrigins, trustedOrigins));
  // Without this, a form on any page could create a connection.
  app.on('POST', ['/oauth/*', '/link/*'], onlyTrustedPages(ownOrigins, []));
  // Comes before the faults, so they can always be cleared.
  app.route('/sandbox', controlApi(vault, faults));
  app.use(faults.middleware);
  app.route('/', sandboxApp({ secret, vault, sessions, attempts }));
  app.route('/', pages());

  const answer = getRequestListener(app.fetch);
  const server = createServer((request, response) => void answer(request, response));
  const actualPort = await listen(server, port);
  return { origin: `http://127.0.0.1:${actualPort}`, close: () => close(server) };
}

async function listen(server: Server, port: number) {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

async function close(server: Server) {
  const closed = once(server, 'close');
  server.close();
  // Browsers keep connections open for a long time, and a delayed answer may still be pending.
  server.closeAllConnections();
  await closed;
}
