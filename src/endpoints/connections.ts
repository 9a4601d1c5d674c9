import type { Connection } from '../connection.js';
import { PicaError } from '../errors.js';
import { dictionary } from '../own.js';
import { type RequestHeadersOptions, resolveRequestHeaders } from './headers.js';
import { redirected, redirectHint, statusHint } from './status-hint.js';
import { resolveUrl } from './url.js';

/** Milliseconds that one request may take. */
const longestRequest = 20_000;
/** Characters of a body that may outlive its page: browsers allow 64 KiB for all such requests together. */
const longestKeepalive = 16_000;

/** Why a connection was not stored. */
export interface Failure {
  what: string;
  hint: string;
  isTemporary?: boolean;
  /** Milliseconds for which the server wants to be left alone. */
  retryAfter?: number;
  cause?: unknown;
}

/**
 * Prepares to store a connection at the host: POST {connections-url}.
 * @returns a request that can be repeated, and answers what went wrong, if anything. It has the headers of the user who made the connection.
 * @throws {PicaError} for an address or headers that are none.
 */
export async function preparePost(
  options: RequestHeadersOptions & { connectionsUrl: string | null },
  connection: Connection,
): Promise<() => Promise<Failure | undefined>> {
  const { key, platform, environment, state, name } = dictionary(connection);
  const body = JSON.stringify({ platform, connection_key: key, environment, state, name });
  const url = resolveUrl('connections-url', options.connectionsUrl ?? '');
  const headers = new Headers(await resolveRequestHeaders(options, url.href));
  headers.set('content-type', 'application/json');
  return async () => {
    try {
      const response = await fetch(
        url,
        dictionary<RequestInit>({
          method: 'POST',
          headers,
          body,
          keepalive: body.length < longestKeepalive,
          redirect: 'manual',
          signal: AbortSignal.timeout(longestRequest),
        }),
      );
      const failure = failureOf(response);
      return failure && dictionary(failure);
    } catch (cause) {
      return {
        what: 'connections-url could not be reached.',
        hint: `${unreachable('OPTIONS and POST')} retrySave() saves it again.`,
        isTemporary: true,
        cause,
      };
    }
  };
}

function failureOf({ ok, type, status, headers }: Response): Failure | undefined {
  if (type === 'opaqueredirect') {
    return {
      what: redirected('connections-url'),
      hint: redirectHint('POST', 'connections-url'),
    };
  }
  if (ok) return undefined;
  const after = headers.get('retry-after') ?? '';
  const retryAfter = /^\d+$/.test(after) ? Number(after) * 1000 : Date.parse(after) - Date.now();
  return {
    what: `connections-url answered ${status}.`,
    hint: `${statusHint(status, 'POST', 'connections-url')} retrySave() saves it again.`,
    isTemporary: status === 408 || status === 429 || status >= 500,
    retryAfter: retryAfter || 0,
  };
}

/** A 2xx says that the host deleted it; a 404 or 410, that the host does not know it (any more). */
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
  const url = resolveUrl('connections-url', connectionsUrl);
  // The key goes before a query that the address may have.
  url.pathname = `${url.pathname.replace(/\/$/, '')}/${encodeURIComponent(connection.key)}`;
  let response: Response;
  try {
    response = await fetch(
      url,
      dictionary<RequestInit>({ method: 'DELETE', headers, redirect: 'manual' }),
    );
  } catch (cause) {
    throw disconnectFailed(connection, 'connections-url could not be reached.', {
      hint: `${unreachable('OPTIONS and DELETE')} The connection is still there.`,
      cause,
    });
  }
  if (response.type === 'opaqueredirect') {
    throw disconnectFailed(connection, redirected('connections-url'), {
      hint: `${redirectHint('DELETE', 'connections-url')} The connection is still there.`,
    });
  }
  if (response.status === 404 || response.status === 410) return 'gone';
  if (!response.ok) {
    throw disconnectFailed(connection, `connections-url answered ${response.status}.`, {
      hint: `${statusHint(response.status, 'DELETE', 'connections-url')} The connection is still there.`,
    });
  }
  return 'deleted';
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

const unreachable = (methods: string) =>
  `Check the address, that the server runs, and, when it is on another origin, that it answers ${methods} with CORS headers.`;
