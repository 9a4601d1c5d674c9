import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { Server as TcpServer, type Socket } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { StartError } from './start-error.js';

/** Reachable from this machine only, because the demo's sign-in asks for no password. */
const host = '127.0.0.1';

export interface ServerOptions {
  fetch: Parameters<typeof createAdaptorServer>[0]['fetch'];
  /** 0 takes any free port. */
  port: number;
  /** Which variable to change if the port is taken. */
  portSetting: string;
  keepAliveTimeoutMs: number;
}

/** An HTTP server that can end without resetting a request. */
export class HttpServer {
  readonly #server: Server;
  readonly #running = new Set<ServerResponse>();
  #isEnding = false;
  #cutsSilent = false;

  private constructor(server: Server) {
    this.#server = server;
    // Run before the app, which may answer at once.
    server.prependListener('request', (_request: IncomingMessage, response: ServerResponse) => {
      this.#running.add(response);
      response.once('close', () => {
        this.#running.delete(response);
        this.#cutIfSilent();
      });
      if (this.#isEnding) endConnectionAfter(response);
    });
  }

  /** @throws StartError if the port can't be used */
  static async listen(options: ServerOptions): Promise<HttpServer> {
    const { fetch, port, portSetting, keepAliveTimeoutMs } = options;
    const server = createAdaptorServer({ fetch }) as Server;
    server.keepAliveTimeout = keepAliveTimeoutMs;
    const created = new HttpServer(server);
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error: NodeJS.ErrnoException) => {
        const reason = error.code === 'EADDRINUSE' ? 'is in use by another program' : error.message;
        reject(new StartError(`Port ${port}: ${reason}. Set ${portSetting} to another one.`));
      });
      server.listen(port, host, resolve);
    });
    return created;
  }

  get origin(): string {
    const address = this.#server.address();
    return `http://${host}:${typeof address === 'object' && address ? address.port : 0}`;
  }

  /** From now on, each answer says `Connection: close`, so clients send their next request elsewhere. */
  announceEnd(): void {
    this.#isEnding = true;
    for (const response of this.#running) endConnectionAfter(response);
  }

  /**
   * Accepts no more connections and waits for those that are open. Idle ones stay open until their keep-alive timeout:
   * a request may be on its way.
   *
   * @param cutsSilent closes idle connections as soon as no request is running
   * @param overdue closes everything that is still open
   */
  close(overdue: AbortSignal, cutsSilent = false): Promise<void> {
    this.announceEnd();
    this.#cutsSilent = cutsSilent;
    return new Promise((resolve) => {
      // http.Server's own close() destroys idle connections at once.
      TcpServer.prototype.close.call(this.#server, () => resolve());
      overdue.addEventListener('abort', () => this.#server.closeAllConnections());
      if (overdue.aborted) this.#server.closeAllConnections();
      this.#cutIfSilent();
    });
  }

  #cutIfSilent(): void {
    // Not closeIdleConnections(): browsers open connections in advance, and Node doesn't count those as idle.
    if (this.#cutsSilent && this.#running.size === 0) this.#server.closeAllConnections();
  }
}

function endConnectionAfter(response: ServerResponse): void {
  if (response.headersSent) return;
  response.setHeader('Connection', 'close');
  const { req: request, socket } = response;
  if (socket) lingerWhileReceiving(socket, request);
}

/**
 * Node destroys the socket after the last answer. If the answer refuses a request whose body is still arriving, the
 * client would see a reset instead of the answer. In that case, close only our side, and read the rest of the body.
 */
function lingerWhileReceiving(socket: Socket, request: IncomingMessage): void {
  socket.destroySoon = () => {
    // Replace only the first call: the adapter calls it again when the body takes too long.
    Reflect.deleteProperty(socket, 'destroySoon');
    if (request.complete) socket.destroySoon();
    else socket.end();
  };
}
