import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';

export interface Distance {
  /** The time that a request and its answer take to travel. */
  roundTripMs: number;
  /** The time until a new connection can be used. */
  connectMs: number;
}

export interface DistantServer {
  origin: string;
  close(): Promise<void>;
}

/**
 * A proxy that simulates a distant server in front of the one at `port`. It cannot slow down the connection itself, so
 * it delays data until `connectMs` after the connection was opened. A connection that was opened early (preconnect) has
 * no such delay left.
 */
export async function startDistantServer(
  port: number,
  { roundTripMs, connectMs }: Distance,
): Promise<DistantServer> {
  const sockets = new Set<Socket>();
  const track = (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    socket.setNoDelay(true);
    return socket;
  };
  const server = createServer((near) => {
    const startedAt = performance.now();
    const far = track(connect(port, '127.0.0.1'));
    track(near).on('data', (chunk) => {
      const arrivesAt = Math.max(performance.now(), startedAt + connectMs) + roundTripMs;
      void setTimeout(arrivesAt - performance.now()).then(() => far.write(chunk));
    });
    far.pipe(near);
    near.once('close', () => far.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
