import type { Connection } from '../connection.js';
import { PicaError } from '../errors.js';
import { displayName } from '../integration.js';
import { dictionary } from '../own.js';
import { type Failure, preparePost } from './connections.js';
import type { RequestHeadersOptions } from './headers.js';
import { forget, isKept, keep, kept, type Owner } from './outbox.js';
import { toUrl } from './url.js';

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
/** Connections from the outbox that are sent at the same time. */
const mostAtOnce = 4;
/** What this document is storing, by address, user and key. */
const underWay = new Map<string, Promise<Failure | undefined>>();
/** Whose outbox this document is emptying. */
const emptying = new Set<string>();

/** Hears of every connection that this document has stored, whichever element did it. */
export const storing = new EventTarget();

/** Dispatched on `storing`. */
export class StoredEvent extends Event {
  constructor(
    readonly connections: readonly Connection[],
    readonly isFromOutbox: boolean,
  ) {
    super('stored');
  }
}

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
  const target = targetOf(options);
  const failure = await underLock(options, connection, () =>
    store(options, connection, target, owner),
  );
  if (failure) throw saveFailed(connection, failure);
  storing.dispatchEvent(new StoredEvent([connection], false));
}

/**
 * Stores what an earlier page of the same user could not store at the same address. What could be is told
 * on `storing`.
 * @returns nothing when nothing is left, or this document is at it already; otherwise a promise of the
 *   `save-failed`s of what could not be stored. Once the server cannot be reached the rest is left alone.
 */
export function emptyOutbox(options: StoreOptions): Promise<PicaError[]> | undefined {
  const owner = ownerOf(options);
  const id = JSON.stringify(owner);
  if (!owner || emptying.has(id) || kept(owner).length === 0) return undefined;
  emptying.add(id);
  return storeKept(options, owner).finally(() => emptying.delete(id));
}

/** A connection was taken away: it is not to be stored any more. */
export function forgetKept(options: StoreOptions, connection: Connection): void {
  const owner = ownerOf(options);
  if (owner) forget(owner, connection);
}

async function storeKept(options: StoreOptions, owner: Owner): Promise<PicaError[]> {
  const target = targetOf(options);
  const waiting = kept(owner);
  const stored: Connection[] = [];
  const failures: PicaError[] = [];
  let isDown = false;
  const work = async () => {
    for (let next = waiting.shift(); next && !isDown; next = waiting.shift()) {
      const connection = next;
      const task = async (lock: unknown) => {
        // Another tab has it in hand, or has stored it by now.
        if (!lock || isKept(owner, connection) === false) return undefined;
        const failure = await store(options, connection, target, owner);
        if (!failure) stored.push(connection);
        return failure;
      };
      const failure = await underLock(options, connection, task, { ifAvailable: true });
      if (failure) failures.push(saveFailed(connection, failure));
      isDown ||= failure?.isTemporary === true;
    }
  };
  await Promise.all(Array.from({ length: mostAtOnce }, work));
  if (stored.length > 0) storing.dispatchEvent(new StoredEvent(stored, true));
  return failures;
}

/** Runs `task` when nobody else stores this connection for this user at this address; with `ifAvailable`, at once or never. */
async function underLock(
  options: StoreOptions,
  { key }: Connection,
  task: (lock: unknown) => Promise<Failure | undefined>,
  lockOptions: LockOptions = {},
): Promise<Failure | undefined> {
  const name = `pica-connect.store:${JSON.stringify([targetOf(options), key])}`;
  const already = underWay.get(name);
  if (already) return already;
  const work = lock(name, lockOptions, task).finally(() => underWay.delete(name));
  underWay.set(name, work);
  return work;
}

async function lock(
  name: string,
  lockOptions: LockOptions,
  task: (lock: unknown) => Promise<Failure | undefined>,
): Promise<Failure | undefined> {
  // Missing in pages that were not served securely.
  const locks = navigator.locks as LockManager | undefined;
  if (!locks) return task(true);
  let work: Promise<Failure | undefined> | undefined;
  try {
    return await locks.request(name, dictionary(lockOptions), (held) => (work = task(held)));
  } catch {
    // The lock was refused: in frames of an opaque origin, or for a name that is too long.
    return work ?? task(true);
  }
}

async function store(
  options: StoreOptions,
  connection: Connection,
  target: string,
  owner?: Owner,
): Promise<Failure | undefined> {
  const began = Date.now();
  const wasKept = owner && isKept(owner, connection);
  let send: () => Promise<Failure | undefined>;
  try {
    send = await preparePost(options, connection);
  } catch (cause) {
    const { message, hint } = cause as PicaError;
    return { what: message, hint, cause };
  }
  for (let count = 1; ; count += 1) {
    // The same element may serve somebody else by now.
    if (targetOf(options) !== target) return changed;
    // It has been stored by another tab, or the user has disconnected it.
    if (wasKept && isKept(owner, connection) === false) return undefined;
    const failure = await send();
    if (!failure) break;
    const pause = Math.max(failure.retryAfter ?? 0, backoff(count));
    const isOver = count === mostRequests || Date.now() - began + pause > patience;
    if (!failure.isTemporary || isOver) return failure;
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
  if (owner) forget(owner, connection);
  return undefined;
}

const changed: Failure = {
  what: 'the user or connections-url has changed.',
  hint: 'It is saved when a page names the user who made it again.',
  isTemporary: true,
};

/** Half a second, doubled each time up to 16 s; up to a half less, so that many do not come at once. */
function backoff(count: number): number {
  return Math.min(500 * 2 ** (count - 1), 16_000) * (1 - Math.random() / 2);
}

function ownerOf({ connectionsUrl, identity, outbox }: StoreOptions): Owner | undefined {
  if (!connectionsUrl || !identity || outbox === 'off') return undefined;
  return { url: addressOf(connectionsUrl), identity };
}

/** For whom and where something is stored: compared, as both may change meanwhile. */
function targetOf({ connectionsUrl, identity }: StoreOptions): string {
  return JSON.stringify([addressOf(connectionsUrl ?? ''), identity]);
}

/** The same address in one form, however an element was given it. */
function addressOf(connectionsUrl: string): string {
  return toUrl(connectionsUrl)?.href ?? connectionsUrl;
}

export function saveFailed(connection: Connection, { what, hint, cause }: Failure): PicaError {
  return new PicaError(
    'save-failed',
    `The connection to ${displayName(connection.platform)} was not saved: ${what}`,
    {
      hint,
      cause,
      connection,
    },
  );
}
