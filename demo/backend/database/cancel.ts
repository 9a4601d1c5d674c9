import { connect } from 'node:net';
import type pg from 'pg';

/** What node-postgres has of a connection and does not declare: the server sends it for cancelling. */
export type Cancellable = Pick<pg.Client, 'host' | 'port'> & {
  readonly processID: number | null;
  readonly secretKey: number | null;
};

/** https://www.postgresql.org/docs/current/protocol-message-formats.html, CancelRequest */
const cancelRequestCode = 80877102;

/**
 * Cancels whatever a connection is running.
 *
 * By PostgreSQL's CancelRequest, which poolers pass on to the right backend. `pg_cancel_backend` would not do: behind
 * PgBouncer, the process id that a client knows is not the backend's, and could be that of somebody else's.
 *
 * @returns once the server has handled it, so that a later statement on the same connection is not hit; never rejects
 */
export function cancelStatement(client: Cancellable, timeoutMs: number): Promise<void> {
  const { host, port, processID, secretKey } = client;
  if (processID === null || secretKey === null) return Promise.resolve();
  const request = Buffer.alloc(16);
  request.writeInt32BE(request.length, 0);
  request.writeInt32BE(cancelRequestCode, 4);
  request.writeInt32BE(processID, 8);
  request.writeInt32BE(secretKey, 12);
  const isSocket = host.startsWith('/');
  return new Promise((resolve) => {
    const socket = connect(isSocket ? { path: `${host}/.s.PGSQL.${port}` } : { host, port });
    socket.setTimeout(timeoutMs, () => socket.destroy());
    // Where it does not arrive, the statement's time limit ends it.
    socket.on('error', () => undefined);
    socket.once('close', () => resolve());
    // The server closes the connection when it is done. Nothing else comes.
    socket.once('connect', () => socket.write(request)).resume();
  });
}
