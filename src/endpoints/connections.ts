import type { Connection } from '../connection.js';
import { PicaError } from '../errors.js';
import { dictionary } from '../hardening/own.js';
import { type RequestHeadersOptions, resolveRequestHeaders } from './headers.js';
import { type Failure, request } from './request.js';
import { resolveUrl } from './url.js';

const attribute = 'connections-url';
/** Characters of a body that may outlive its page: browsers allow 64 KiB for all such requests together. */
const longestKeepalive = 16_000;

/**
 * Prepares to store a connection at the host: POST {connections-url}.
 * @returns a request that can be repeated, and answers what went wrong, if anything. It has the headers of the user who
 *   made the connection.
 * @throws {PicaError} for an address or headers that are none.
 */
export async function preparePost(
  options: RequestHeadersOptions & { connectionsUrl: string | null },
  connection: Connection,
): Promise<() => Promise<Failure | undefined>> {
  const { key, platform, environment, state, name } = dictionary(connection);
  const body = JSON.stringify({ platform, connection_key: key, environment, state, name });
  const url = resolveUrl(attribute, options.connectionsUrl ?? '');
  const headers = new Headers(await resolveRequestHeaders(options, url.href));
  headers.set('content-type', 'application/json');
  let keepalive = body.length < longestKeepalive;
  return async () => {
    const init = { method: 'POST', headers, body, keepalive };
    const { failure } = dictionary(await request(attribute, url, init));
    // Chromium and WebKit keep an aborted keepalive request open, and open only six connections to a server.
    if ((failure?.cause as Error | undefined)?.name === 'TimeoutError') keepalive = false;
    return (
      failure && dictionary({ ...failure, hint: `${failure.hint} retrySave() saves it again.` })
    );
  };
}

/** `deleted`: the host answered 2xx. `gone`: 404 or 410, because it does not have the connection. */
export type Deletion = 'deleted' | 'gone';

/**
 * Deletes a connection at the host: DELETE {connections-url}/{key}.
 * @throws {PicaError} `disconnect-failed`
 */
export async function deleteConnection(
  connectionsUrl: string,
  connection: Connection,
  headers: Record<string, string>,
): Promise<Deletion> {
  // A browser reads these two as steps in a path, encoded or not.
  if (/^\.{1,2}$/.test(connection.key)) {
    throw disconnectFailed(connection, 'its key cannot be part of an address.', {
      hint: 'Listen to pica-disconnect, prevent its default, and delete the connection in a way of your own.',
    });
  }
  const url = resolveUrl(attribute, connectionsUrl);
  // The key goes before a query that the address may have.
  url.pathname = `${url.pathname.replace(/\/$/, '')}/${encodeURIComponent(connection.key)}`;
  const { status, failure } = dictionary(
    await request(attribute, url, { method: 'DELETE', headers }),
  );
  if (status === 404 || status === 410) return 'gone';
  if (!failure) return 'deleted';
  const { what, hint, cause } = failure;
  // Without an answer, the server may have deleted it.
  const outcome =
    status === undefined
      ? 'Read the list again to see whether the connection is still there.'
      : 'The connection is still there.';
  throw disconnectFailed(connection, what, { hint: `${hint} ${outcome}`, cause });
}

export function disconnectFailed(
  connection: Connection,
  what: string,
  details: { hint: string; cause?: unknown },
): PicaError {
  return new PicaError('disconnect-failed', `The connection was not deleted: ${what}`, {
    ...details,
    connection,
  });
}
