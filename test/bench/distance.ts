import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';

export interface Distance {
  /** Milliseconds that a request and its answer are under way. */
  away: number;
  /** Milliseconds until a connection can be used. */
  connecting: number;
}

export interface DistantServer {
  origin: string;
  close(): Promise<void>;
}

/**
 * A server that is far away: what is sent to it reaches the one at `port` later. Connecting to this machine takes
 * no time and cannot be made to: what is sent waits, counted from when the connection was made. So one that was
 * made ahead has that behind it.
 */
export async function startDistantServer(
  port: number,
  { away, connecting }: Distance,
): Promise<DistantServer> {
  const sockets = new Set<Socket>();
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    socket.setNoDelay(true);
    return socket;
  };
  const server = createServer((near) => {
    const began = performance.now();
    const far = keep(connect(port, '127.0.0.1'));
    keep(near).on('data', (chunk) => {
      const arrives = Math.max(performance.now(), began + connecting) + away;
      void setTimeout(arrives - performance.now()).then(() => far.write(chunk));
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
