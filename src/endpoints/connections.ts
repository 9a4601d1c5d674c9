import type { Connection } from '../connection.js';
import { PicaError } from '../errors.js';
import { dictionary } from '../hardening/prototype-pollution.js';
import { type RequestHeadersOptions, resolveRequestHeaders } from './headers.js';
import { type Failure, request } from './request.js';
import { resolveUrl } from './url.js';

const attribute = 'connections-url';
/** Added to the hint of a save that failed. */
export const retryHint = 'retrySave() tries again.';
/** Limits the body, in characters: browsers allow 64 KiB for all keepalive requests together. */
const maxKeepaliveLength = 16_000;

/**
 * Prepares to store a connection at the host: POST {connections-url}.
 * @returns sends the request, as often as it is called, and returns the failure if there is one. The headers stay those
 *   of the user who connected.
 * @throws {PicaError} for an invalid URL or invalid headers.
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
  let keepalive = body.length < maxKeepaliveLength;
  return async () => {
    const init = { method: 'POST', headers, body, keepalive };
    const { failure } = dictionary(await request(attribute, url, init));
    // Chromium and WebKit keep an aborted keepalive request open, and open only six connections to a server.
    if ((failure?.cause as Error | undefined)?.name === 'TimeoutError') keepalive = false;
    return failure && dictionary({ ...failure, hint: `${failure.hint} ${retryHint}` });
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
  // Browsers resolve these two as path segments, encoded or not.
  if (/^\.{1,2}$/.test(connection.key)) throw disconnectFailed(connection, keyNotInUrl);
  const url = resolveUrl(attribute, connectionsUrl);
  // The key goes before the query.
  url.pathname = `${url.pathname.replace(/\/$/, '')}/${encodeURIComponent(connection.key)}`;
  const { status, failure } = dictionary(
    await request(attribute, url, { method: 'DELETE', headers }),
  );
  if (status === 404 || status === 410) return 'gone';
  if (!failure) return 'deleted';
  const outcome = status === undefined ? outcomeHints.unknown : outcomeHints.kept;
  throw disconnectFailed(connection, { ...failure, hint: `${failure.hint} ${outcome}` });
}

/** Added to the hint of a deletion that failed. Without an answer, the server may have deleted the connection. */
export const outcomeHints = {
  kept: 'The connection is still there.',
  unknown: 'Reload the list to see whether the connection is still there.',
};

export const keyNotInUrl: Failure = {
  what: 'its key cannot be part of a URL.',
  hint: 'Listen to pica-disconnect, call preventDefault(), and delete the connection yourself.',
};

/** The deletion succeeded, but the endpoint still lists the connection. */
export const stillListed: Failure = {
  what: 'connections-url still has it ten seconds later.',
  hint: 'DELETE must not answer 2xx, 404 or 410 before the connection is gone, and GET must not answer from an old cache.',
};

export const refusedByPage: Failure = {
  what: 'the page refused.',
  hint: 'The cause is why a promise that was passed to waitUntil() of pica-disconnect was rejected.',
};

export function disconnectFailed(
  connection: Connection,
  { what, hint, cause }: Failure,
): PicaError {
  return new PicaError('disconnect-failed', `The connection was not deleted: ${what}`, {
    hint,
    cause,
    connection,
  });
}
