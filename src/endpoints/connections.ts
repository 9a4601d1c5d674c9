import type { Connection } from '../connection.js';
import { PicaError } from '../errors.js';
import { resolveUrl } from './rows.js';

/**
 * Deletes a connection at the host: DELETE {connections-url}/{key}. One that is gone already counts as
 * deleted.
 * @throws {PicaError} `disconnect-failed`
 */
export async function deleteConnection(
  connectionsUrl: string,
  connection: Connection,
  headers: Record<string, string>,
): Promise<void> {
  // A browser reads these two as steps in a path, encoded or not.
  if (/^\.{1,2}$/.test(connection.key)) {
    throw disconnectFailed(connection, 'its key cannot be part of an address.');
  }
  const url = resolveUrl('connections-url', connectionsUrl);
  // The key goes before a query that the address may have.
  url.pathname = `${url.pathname.replace(/\/$/, '')}/${encodeURIComponent(connection.key)}`;
  let response: Response;
  try {
    response = await fetch(url, { method: 'DELETE', headers });
  } catch (cause) {
    throw disconnectFailed(connection, 'connections-url could not be reached.', cause);
  }
  if (!response.ok && response.status !== 404) {
    throw disconnectFailed(connection, `connections-url answered ${String(response.status)}.`);
  }
}

export function disconnectFailed(
  connection: Connection,
  message: string,
  cause?: unknown,
): PicaError {
  return new PicaError('disconnect-failed', `The connection was not deleted: ${message}`, {
    hint:
      cause instanceof PicaError
        ? cause.hint
        : 'The connection is still there. Look at what your server answered to DELETE, and try again.',
    cause,
    connection,
  });
}
