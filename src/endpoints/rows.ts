import { PicaError } from '../errors.js';
import { dictionary, parseJson } from '../hardening/own.js';
import { request } from './request.js';
import { resolveUrl } from './url.js';

/** No list of connections or integrations is longer; an endpoint that says so is not believed. */
const mostPages = 1000;

/**
 * GETs one of the host's lists, all pages of it: an array, or an object with `rows` and, where there
 * are more, `page` and `pages`.
 * @param attribute where the address comes from, for the errors.
 * @throws {PicaError} `load-failed`; an `AbortError` when `signal` was aborted.
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
  const last = Math.min(first.pages, mostPages);
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
    throw failed(`${attribute} answered without rows.`, { hint: shape(attribute) });
  }
  return { rows: rows as unknown[], page: toCount(page), pages: toCount(pages) };
}

const toCount = (value: unknown): number =>
  typeof value === 'number' && Number.isInteger(value) && value > 0 ? value : 1;

function parse(attribute: string, text: string): unknown {
  try {
    return parseJson(text);
  } catch (cause) {
    throw failed(`${attribute} did not answer with JSON.`, { hint: shape(attribute), cause });
  }
}

const shape = (attribute: string) =>
  `${attribute} has to answer with an array, or with {"rows": […]}.`;

function failed(message: string, details: { hint: string; cause?: unknown }): PicaError {
  return new PicaError('load-failed', message, details);
}
