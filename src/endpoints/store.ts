import type { Connection } from '../connection.js';
import { PicaError } from '../errors.js';
import { displayName } from '../integration.js';
import { type RequestHeadersOptions, resolveRequestHeaders } from './headers.js';
import { forget, keep, kept, type Owner } from './outbox.js';
import { resolveUrl } from './rows.js';

/** Where connections are stored, and for whom. */
export interface StoreOptions extends RequestHeadersOptions {
  connectionsUrl: string | null;
  identity: string | null;
  outbox: 'auto' | 'off';
}

/** The first request and seven repeats. */
const mostRequests = 8;
/** Milliseconds after which nothing is repeated any more. */
const patience = 60_000;
/** Milliseconds that one request may take. */
const longestRequest = 20_000;
/** Connections from the outbox that are sent at the same time. */
const mostAtOnce = 4;
/** Characters of a body that may outlive its page: browsers allow 64 KiB for all such requests together. */
const longestKeepalive = 16_000;

/** What this document is storing, by address and key. */
const underWay = new Map<string, Promise<unknown>>();
/** Whose outbox this document is emptying. */
const emptying = new Map<string, Promise<Connection[]>>();

/**
 * Stores a connection at the host: POST to `connections-url`, repeated while that may help. Until it has
 * succeeded the outbox keeps it. One connection is never in flight twice, in this document or, where the
 * browser has Web Locks, in another tab.
 * @param onNote hears, in words, why the outbox does not keep it.
 * @throws {PicaError} `save-failed`
 */
export async function storeConnection(
  options: StoreOptions,
  connection: Connection,
  onNote: (text: string) => void,
): Promise<void> {
  const owner = ownerOf(options);
  if (owner) {
    try {
      keep(owner, connection);
    } catch (error) {
      onNote(`The outbox cannot keep this connection: ${(error as Error).message}`);
    }
  } else if (options.outbox !== 'off') {
    onNote('Without "identity" there is no outbox: nobody could tell whose connections it holds.');
  }
  await underLock(options, connection, (lock) => lock && store(options, connection, owner));
}

/**
 * Stores what an earlier page of the same user could not store at the same address.
 * @returns nothing when nothing is left; otherwise a promise of what was stored, which rejects with the
 *   `save-failed` of the first that was not, and whether that is for this caller to report.
 */
export function emptyOutbox(
  options: StoreOptions,
): { stored: Promise<Connection[]>; isOwn: boolean } | undefined {
  const owner = ownerOf(options);
  if (!owner) return undefined;
  const id = JSON.stringify(owner);
  const already = emptying.get(id);
  if (already) return { stored: already, isOwn: false };
  if (kept(owner).length === 0) return undefined;
  const stored = storeKept(options, owner).finally(() => emptying.delete(id));
  emptying.set(id, stored);
  return { stored, isOwn: true };
}

async function storeKept(options: StoreOptions, owner: Owner): Promise<Connection[]> {
  const stored: Connection[] = [];
  const waiting = kept(owner);
  let failure: unknown;
  const work = async () => {
    for (let next = waiting.shift(); next && !failure; next = waiting.shift()) {
      const connection = next;
      const task = async (lock: unknown) => {
        // Another tab has it in hand, or has stored it by now.
        if (!lock || !kept(owner).some(({ key }) => key === connection.key)) return;
        await store(options, connection, owner);
        stored.push(connection);
      };
      await underLock(options, connection, task, { ifAvailable: true });
    }
  };
  const workers = Array.from({ length: mostAtOnce }, () =>
    work().catch((error: unknown) => (failure ??= error)),
  );
  await Promise.all(workers);
  if (failure) throw failure as PicaError;
  return stored;
}

/** Runs `task` when nobody else stores this connection at this address; with `ifAvailable`, at once or never. */
async function underLock(
  { connectionsUrl }: StoreOptions,
  { key }: Connection,
  task: (lock: unknown) => unknown,
  lockOptions: LockOptions = {},
): Promise<void> {
  const name = `pica-connect.store:${JSON.stringify([addressOf(connectionsUrl ?? ''), key])}`;
  const already = underWay.get(name);
  if (already) {
    await already;
    return;
  }
  const work = lock(name, lockOptions, task);
  underWay.set(name, work);
  try {
    await work;
  } finally {
    underWay.delete(name);
  }
}

async function lock(
  name: string,
  lockOptions: LockOptions,
  task: (lock: unknown) => unknown,
): Promise<void> {
  // Missing in pages that were not served securely.
  const locks = navigator.locks as LockManager | undefined;
  const state = { hasRun: false };
  try {
    await locks?.request(name, lockOptions, (lock) => {
      state.hasRun = true;
      return task(lock);
    });
  } catch (error) {
    // Otherwise the lock was refused: in frames of an opaque origin, or for a name that is too long.
    if (state.hasRun) throw error;
  }
  if (!state.hasRun) await task(true);
}

async function store(options: StoreOptions, connection: Connection, owner?: Owner): Promise<void> {
  const began = Date.now();
  const send = await prepare(options, connection);
  for (let count = 1; ; count += 1) {
    // The same element may serve somebody else by now.
    if (owner && JSON.stringify(owner) !== JSON.stringify(ownerOf(options))) {
      throw saveFailed(connection, { what: 'the user or connections-url has changed.' });
    }
    const failure = await send();
    if (!failure) break;
    const pause = Math.max(failure.retryAfter ?? 0, backoff(count));
    const isOver = count === mostRequests || Date.now() - began + pause > patience;
    if (!failure.isTemporary || isOver) throw saveFailed(connection, failure);
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
  if (owner) forget(owner, connection);
}

interface Failure {
  what: string;
  hint?: string;
  isTemporary?: boolean;
  /** Milliseconds for which the server wants to be left alone. */
  retryAfter?: number;
  cause?: unknown;
}

/** @returns a request that can be repeated. It has the headers of the user who made the connection. */
async function prepare(
  options: StoreOptions,
  connection: Connection,
): Promise<() => Promise<Failure | undefined>> {
  const { key, platform, environment, state, name } = connection;
  const body = JSON.stringify({ platform, connection_key: key, environment, state, name });
  let url: URL;
  let headers: Headers;
  try {
    url = resolveUrl('connections-url', options.connectionsUrl ?? '');
    headers = new Headers(await resolveRequestHeaders(options, url.href));
  } catch (cause) {
    const { message, hint } = cause as PicaError;
    throw saveFailed(connection, { what: message, hint, cause });
  }
  headers.set('content-type', 'application/json');
  const init = { method: 'POST', headers, body, keepalive: body.length < longestKeepalive };
  return async () => {
    try {
      return failureOf(await fetch(url, { ...init, signal: AbortSignal.timeout(longestRequest) }));
    } catch (cause) {
      return { what: 'connections-url could not be reached.', isTemporary: true, cause };
    }
  };
}

function failureOf({ ok, redirected, status, headers }: Response): Failure | undefined {
  // To a login page, as a rule, which answers 200 and has stored nothing.
  if (redirected) {
    return {
      what: 'connections-url answered with a redirect.',
      hint: 'Let connections-url answer POST itself: 401 where nobody is signed in, and no other address.',
    };
  }
  if (ok) return undefined;
  const after = headers.get('retry-after') ?? '';
  const retryAfter = /^\d+$/.test(after) ? Number(after) * 1000 : Date.parse(after) - Date.now();
  return {
    what: `connections-url answered ${status}.`,
    isTemporary: status === 408 || status === 429 || status >= 500,
    retryAfter: retryAfter || 0,
  };
}

/** Half a second, doubled each time up to 16 s; up to a half less, so that many do not come at once. */
function backoff(count: number): number {
  return Math.min(500 * 2 ** (count - 1), 16_000) * (1 - Math.random() / 2);
}

function ownerOf({ connectionsUrl, identity, outbox }: StoreOptions): Owner | undefined {
  if (!connectionsUrl || !identity || outbox === 'off') return undefined;
  return { url: addressOf(connectionsUrl), identity };
}

/** The same address in one form, however an element was given it. */
function addressOf(connectionsUrl: string): string {
  const { baseURI } = document;
  return URL.canParse(connectionsUrl, baseURI)
    ? new URL(connectionsUrl, baseURI).href
    : connectionsUrl;
}

export function saveFailed(connection: Connection, { what, hint, cause }: Failure): PicaError {
  return new PicaError(
    'save-failed',
    `The connection to ${displayName(connection.platform)} was not saved: ${what}`,
    {
      hint: `Nothing is lost: retrySave() saves it again. ${hint ?? 'Look at what your server answered to POST.'}`,
      cause,
      connection,
    },
  );
}
