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
import { onlyOwnHosts, onlyTrustedPages } from './own-pages.js';
import { pages } from './pages.js';
import { VaultFile } from './vault-file.js';
import { Vault } from './vault.js';

export interface Sandbox {
  /** `{origin}/authkit` is AuthKit's page, `{origin}` the Pica API. */
  origin: string;
  close(): Promise<void>;
}

export interface SandboxOptions {
  /** 0, the default, takes any that is free. */
  port?: number;
  /** The secret key the API accepts; one that begins with `sk_live` makes live connections. */
  secret?: string;
  /** The file that the vault is kept in; without one it is empty at each start. */
  vaultFile?: string;
  /** Where it is reached, such as `https://pica.example`, besides this machine's own names. */
  origins?: string[];
  /** The origins whose pages may look into the vault, change it, and have faults made, besides its own. */
  trustedOrigins?: string[];
}

/** Stands in for AuthKit's hosted page and for the Pica API, which nothing here can reach. */
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

  const own = new OwnOrigins(origins);
  const app = answerErrors(new Hono());
  app.use(onlyOwnHosts(own));
  app.use('/sandbox/*', onlyTrustedPages(own, trustedOrigins));
  // A form of any page could be sent here, and would make a connection.
  app.on('POST', ['/oauth/*', '/link/*'], onlyTrustedPages(own, []));
  // Before the faults, so that they can always be lifted again.
  app.route('/sandbox', controlApi(vault, faults));
  app.use(faults.strike);
  app.route('/', sandboxApp({ secret, vault, sessions, attempts }));
  app.route('/', pages());

  const answer = getRequestListener(app.fetch);
  const server = createServer((request, response) => void answer(request, response));
  const taken = await listen(server, port);
  return { origin: `http://127.0.0.1:${taken}`, close: () => close(server) };
}

async function listen(server: Server, port: number) {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

async function close(server: Server) {
  const closed = once(server, 'close');
  server.close();
  // Browsers keep connections open for a long time, and a delayed answer may be under way.
  server.closeAllConnections();
  await closed;
}
