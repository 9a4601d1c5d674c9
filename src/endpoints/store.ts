import type { Connection } from '../connection.js';
import { PicaError } from '../errors.js';
import { displayName } from '../integration.js';
import { dictionary } from '../hardening/own.js';
import { preparePost } from './connections.js';
import type { RequestHeadersOptions } from './headers.js';
import {
  forget,
  forgottenItem,
  itemOf,
  keep,
  kept,
  mostEntries,
  type Owner,
  ownerOf,
  type StorePlace,
  targetOf,
} from './outbox.js';
import type { Failure } from './request.js';

export interface StoreOptions extends RequestHeadersOptions, StorePlace {}

/** The first request and seven repeats. */
const mostRequests = 8;
/** Milliseconds after which nothing is repeated any more. */
const patience = 60_000;
/** Connections from the outbox that are sent at the same time. */
const mostAtOnce = 4;
/** What this document is storing, by id. */
const underWay = new Map<string, Promise<Failure | undefined>>();
/** Ids that need no more storing: stored, or disconnected by the user, here or in another tab. */
const settled = new Set<string>();
/** Whose outbox this document is emptying. */
const emptying = new Set<string>();

/** Dispatches `SettledEvent` for connections that need no more storing, whichever element or tab did it. */
export const storing = new EventTarget();

/** Dispatched on `storing`. */
export class SettledEvent extends Event {
  constructor(
    readonly ids: readonly string[],
    readonly isFromOutbox: boolean,
  ) {
    super('settled');
  }
}

/** Unique per connection, user and address. */
export function idOf(options: StorePlace, { key }: Connection): string {
  return itemOf(targetOf(options), key);
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
  const id = idOf(options, connection);
  const owner = keepUnsaved(options, connection, onNote);
  const failure = await underLock(id, () => store(options, connection, id, owner));
  if (failure) throw saveFailed(connection, failure);
  settle([id]);
}

/**
 * Puts a connection into the outbox of the user that `options` name.
 * @param onNote hears, in words, why that does not keep it.
 * @returns whose outbox, if there is one.
 */
export function keepUnsaved(
  options: StorePlace,
  connection: Connection,
  onNote: (text: string) => void,
): Owner | undefined {
  const owner = ownerOf(options);
  settled.delete(idOf(options, connection));
  listen();
  if (owner) {
    try {
      if (keep(owner, connection)) onNote(tooMany);
    } catch (error) {
      onNote(`The outbox cannot keep this connection: ${(error as Error).message}`);
    }
  } else if (options.outbox !== 'off') {
    onNote('Without "identity" there is no outbox: nobody could tell whose connections it holds.');
  }
  return owner;
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

/** The user has disconnected it, so nothing may store it again. */
export function stopStoring(options: StorePlace, connection: Connection): void {
  const owner = ownerOf(options);
  if (owner) forget(owner, connection);
  settle([idOf(options, connection)]);
}

function settle(ids: readonly string[], isFromOutbox = false): void {
  for (const id of ids) settled.add(id);
  storing.dispatchEvent(new SettledEvent(ids, isFromOutbox));
}

function listen(): void {
  // Adding the same listener again has no effect.
  window.addEventListener('storage', onStorage);
}

function onStorage(event: StorageEvent): void {
  const id = forgottenItem(event);
  if (id) settle([id]);
}

async function storeKept(options: StoreOptions, owner: Owner): Promise<PicaError[]> {
  const waiting = kept(owner);
  for (const connection of waiting) settled.delete(itemOf(owner, connection.key));
  listen();
  const stored: string[] = [];
  const failures: PicaError[] = [];
  let isDown = false;
  const work = async () => {
    for (let next = waiting.shift(); next && !isDown; next = waiting.shift()) {
      const connection = next;
      const id = itemOf(owner, connection.key);
      const task = async (lock: unknown) => {
        // Another tab is storing it.
        if (!lock) return undefined;
        const failure = await store(options, connection, id, owner);
        if (!failure) stored.push(id);
        return failure;
      };
      const failure = await underLock(id, task, { ifAvailable: true });
      if (failure) failures.push(saveFailed(connection, failure));
      isDown ||= failure?.isTemporary === true;
    }
  };
  await Promise.all(Array.from({ length: mostAtOnce }, work));
  if (stored.length > 0) settle(stored, true);
  return failures;
}

/**
 * Runs `task` when nobody else stores this connection for this user at this address; with `ifAvailable`, at once or
 * never.
 */
async function underLock(
  id: string,
  task: (lock: unknown) => Promise<Failure | undefined>,
  lockOptions: LockOptions = {},
): Promise<Failure | undefined> {
  const already = underWay.get(id);
  if (already) return already;
  const work = lock(id, lockOptions, task).finally(() => underWay.delete(id));
  underWay.set(id, work);
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
  id: string,
  owner?: Owner,
): Promise<Failure | undefined> {
  const began = Date.now();
  let send: () => Promise<Failure | undefined>;
  try {
    send = await preparePost(options, connection);
  } catch (cause) {
    const { message, hint } = cause as PicaError;
    return { what: message, hint, cause };
  }
  for (let count = 1; ; count += 1) {
    if (settled.has(id)) return undefined;
    // The same element may serve somebody else by now.
    if (idOf(options, connection) !== id) return changed;
    const failure = await send();
    if (!failure || settled.has(id)) break;
    const pause = Math.max(failure.retryAfterMs ?? 0, backoff(count));
    const isOver = count === mostRequests || Date.now() - began + pause > patience;
    if (!failure.isTemporary || isOver) return failure;
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
  if (owner) forget(owner, connection);
  return undefined;
}

const tooMany = `The outbox holds ${mostEntries} connections of a user. Only their own pages still have older ones.`;

/** Of a connection that has to wait for another user, or another address, than the page has now. */
const elsewhere = new Error('It is stored for another user, or at another address.');

export const changed: Failure = {
  what: 'the user or connections-url has changed.',
  hint: 'It is saved once a page has that user and address again.',
  isTemporary: true,
  cause: elsewhere,
};

/** Whether it is about a connection that is none of the user's who is signed in now. */
export const isElsewhere = ({ cause }: PicaError): boolean => cause === elsewhere;

/** Half a second, doubled each time up to 16 s; up to a half less, so that many do not come at once. */
function backoff(count: number): number {
  return Math.min(500 * 2 ** (count - 1), 16_000) * (1 - Math.random() / 2);
}

export function saveFailed(connection: Connection, { what, hint, cause }: Failure): PicaError {
  return new PicaError(
    'save-failed',
    `The connection to ${displayName(connection.platform)} was not saved: ${what}`,
    { hint, cause, connection },
  );
}
