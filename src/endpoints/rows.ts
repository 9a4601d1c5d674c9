import { PicaError } from '../errors.js';

/**
 * GETs one of the host's lists: an array, or an object with `rows`.
 * @param attribute where the address comes from, for the errors.
 * @throws {PicaError} `load-failed`; an `AbortError` when `signal` was aborted.
 */
export async function fetchRows(
  attribute: string,
  url: string,
  headers: Record<string, string>,
  signal: AbortSignal,
): Promise<readonly unknown[]> {
  const response = await request(attribute, url, headers, signal);
  if (!response.ok) {
    throw failed(`${attribute} answered ${String(response.status)}.`, {
      hint: `Open ${attribute} in the browser's network panel and read what your server answered.`,
    });
  }
  const body: unknown = await response.json().catch((cause: unknown) => {
    signal.throwIfAborted();
    throw failed(`${attribute} did not answer with JSON.`, { hint: shape(attribute), cause });
  });
  const rows: unknown = Array.isArray(body) ? body : (body as { rows?: unknown } | null)?.rows;
  if (!Array.isArray(rows)) {
    throw failed(`${attribute} answered without rows.`, { hint: shape(attribute) });
  }
  return rows as readonly unknown[];
}

async function request(
  attribute: string,
  url: string,
  headers: Record<string, string>,
  signal: AbortSignal,
): Promise<Response> {
  try {
    return await fetch(new URL(url, document.baseURI), {
      headers: { accept: 'application/json', ...headers },
      // A list that is shown again is asked for again; an ETag still saves the body.
      cache: 'no-cache',
      signal,
    });
  } catch (cause) {
    signal.throwIfAborted();
    throw failed(`${attribute} could not be reached.`, {
      hint: `Check that the address in ${attribute} is right, that the server runs, and, when it is on another origin, that it answers with CORS headers.`,
      cause,
    });
  }
}

const shape = (attribute: string) =>
  `${attribute} has to answer with an array, or with {"rows": […]}.`;

function failed(message: string, details: { hint: string; cause?: unknown }): PicaError {
  return new PicaError('load-failed', message, details);
}
