import { PicaError } from '../errors.js';
import { dictionary, parseJson } from '../hardening/prototype-pollution.js';
import { request } from './request.js';
import { resolveUrl } from './url.js';

/** Stops at an endpoint that claims to have more pages than any list of connections or integrations has. */
const maxPages = 1000;

/**
 * GETs all pages of one of the host's lists: an array, or an object with `rows` and, if there are more, `page` and
 * `pages`.
 * @param attribute the attribute with the URL, for the errors.
 * @throws {PicaError} `load-failed`, or an `AbortError` if `signal` is aborted.
 */
export async function fetchRows(
  attribute: string,
  url: string,
  headers: Record<string, string>,
  signal?: AbortSignal,
): Promise<unknown[]> {
  const address = resolveUrl(attribute, url);
  const first = await fetchPage(attribute, address, headers, signal);
  const all = [...first.rows];
  const last = Math.min(first.pages, maxPages);
  for (let page = first.page + 1; page <= last; page += 1) {
    address.searchParams.set('page', String(page));
    const { rows } = await fetchPage(attribute, address, headers, signal);
    if (rows.length === 0) break;
    for (const row of rows) all.push(row);
  }
  return all;
}

interface Page {
  rows: readonly unknown[];
  page: number;
  pages: number;
}

async function fetchPage(
  attribute: string,
  url: URL,
  headers: Record<string, string>,
  signal?: AbortSignal,
): Promise<Page> {
  const init: RequestInit & { method: string } = {
    method: 'GET',
    headers: { accept: 'application/json', ...headers },
    // Always ask the server. An ETag still saves the body.
    cache: 'no-cache',
    // A browser would send these headers to the redirect's target.
    redirect: Object.keys(headers).length > 0 ? 'manual' : 'follow',
  };
  const { text, failure } = dictionary(await request(attribute, url, init, signal));
  if (failure) throw failed(failure.what, failure);
  const body = parse(attribute, text);
  if (Array.isArray(body)) return { rows: body as unknown[], page: 1, pages: 1 };
  const { rows, page, pages } = (body ?? {}) as Record<string, unknown>;
  if (!Array.isArray(rows)) {
    throw withoutRows(attribute);
  }
  return { rows: rows as unknown[], page: toCount(page), pages: toCount(pages) };
}

const toCount = (value: unknown): number =>
  typeof value === 'number' && Number.isInteger(value) && value > 0 ? value : 1;

function parse(attribute: string, text: string): unknown {
  try {
    return parseJson(text);
  } catch (cause) {
    throw notJson(attribute, cause);
  }
}

export const withoutRows = (attribute: string): PicaError =>
  failed(`${attribute} answered without rows.`, { hint: formatHint(attribute) });

export const notJson = (attribute: string, cause?: unknown): PicaError =>
  failed(`${attribute} did not answer with JSON.`, { hint: formatHint(attribute), cause });

const formatHint = (attribute: string) =>
  `${attribute} must answer with an array, or with {"rows": […]}.`;

function failed(message: string, details: { hint: string; cause?: unknown }): PicaError {
  return new PicaError('load-failed', message, details);
}
