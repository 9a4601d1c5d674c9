import { connect } from 'node:net';
import type pg from 'pg';

/** The cancel key that the server sends. node-postgres has it, but doesn't declare it. */
export type Cancellable = Pick<pg.Client, 'host' | 'port'> & {
  readonly processID: number | null;
  readonly secretKey: number | null;
};

/** https://www.postgresql.org/docs/current/protocol-message-formats.html, CancelRequest */
const cancelRequestCode = 80877102;

/**
 * Cancels the statement that a connection is running.
 *
 * Sends PostgreSQL's CancelRequest, which poolers pass on to the right server process. `pg_cancel_backend` can't be
 * used: behind PgBouncer, a client's process id isn't the server process's, and may be somebody else's.
 *
 * @returns once the server has handled it, so that it can't hit a later statement on the same connection. Never
 *   rejects.
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
    // If it doesn't arrive, the statement ends by its time limit.
    socket.on('error', () => undefined);
    socket.once('close', () => resolve());
    // The server sends no answer. It closes the connection when it is done.
    socket.once('connect', () => socket.write(request)).resume();
  });
}
