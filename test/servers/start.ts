import { getRequestListener, serve, type ServerType } from '@hono/node-server';
import type { RequestListener } from 'node:http';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { createAuthkitPuppet } from './authkit-puppet.js';
import { createEndpoints } from './endpoints.js';
import type { Origins } from './protocol.js';

export interface TestServers {
  origins: Omit<Origins, 'engine' | 'isShell'>;
  /** The host's backend once more, for a server that has it on the page's own origin. */
  answerAsEndpoints: RequestListener;
  stop(): Promise<void>;
}

/** Starts the servers of the component tests, each on a free port and so on an origin of its own. */
export const startTestServers = async (): Promise<TestServers> => {
  const puppet = createAuthkitPuppet();
  const backend = createEndpoints();
  const answer = getRequestListener(backend.fetch);
  const [endpoints, authkit, otherOrigin, hangsUp] = await Promise.all([
    listen(backend),
    listen(puppet),
    listen(puppet),
    hangUp(),
  ]);
  return {
    origins: {
      endpoints: originOf(endpoints),
      authkit: originOf(authkit),
      otherOrigin: originOf(otherOrigin),
      hangsUp: originOf(hangsUp),
    },
    answerAsEndpoints: (request, response) => void answer(request, response),
    stop: async () => {
      await Promise.all([endpoints, authkit, otherOrigin, hangsUp].map(close));
    },
  };
};

const listen = ({ fetch }: Pick<Parameters<typeof serve>[0], 'fetch'>): Promise<ServerType> =>
  new Promise((resolve) => {
    const server = serve({ fetch, hostname: '127.0.0.1', port: 0 }, () => {
      resolve(server);
    });
  });

/** A server that cannot be reached, and whose port nobody else gets. */
const hangUp = (): Promise<Server> =>
  new Promise((resolve) => {
    const server = createServer((socket) => socket.destroy());
    server.listen(0, '127.0.0.1', () => {
      resolve(server);
    });
  });

// The page under test is on `localhost`: with `127.0.0.1` the servers are other sites too, not only
// other origins, as they are in the field.
const originOf = (server: ServerType | Server): string =>
  `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

const close = (server: ServerType | Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
    // Held and hanging requests would keep it open.
    if ('closeAllConnections' in server) server.closeAllConnections();
  });
