import type { Connection } from '../connection.js';
import { PicaError } from '../errors.js';
import { dictionary } from '../hardening/prototype-pollution.js';
import { preparePost } from './connections.js';
import type { RequestHeadersOptions } from './headers.js';
import * as outbox from './outbox.js';
import { itemOf, type OutboxOptions, type Owner, ownerOf, toOwner } from './outbox.js';
import type { Failure } from './request.js';
import { SettledEvent, storing } from './settled.js';
import { delay } from '../delay.js';

export interface StoreOptions extends RequestHeadersOptions, OutboxOptions {}

/** The first request and seven retries. */
const maxRequests = 8;
const maxRetryMs = 60_000;
/** Limits how many connections from the outbox are sent at the same time. */
const maxParallel = 4;
/** The connections that this document is storing, by id. */
const inFlight = new Map<string, Promise<Failure | undefined>>();
/** Ids of connections that were stored, or that the user disconnected, here or in another tab. */
const settled = new Set<string>();
/** The owners whose outbox this document is emptying. */
const emptying = new Set<string>();

/** Unique per connection, user and URL. */
export function idOf(options: OutboxOptions, { key }: Connection): string {
  return itemOf(toOwner(options), key);
}

/**
 * Stores a connection at the host: POST to `connections-url`, retried while that may help. The connection stays in the
 * outbox until it is stored. Never sends the same connection twice at a time: not in this document and, if the browser
 * has Web Locks, not in another tab either.
 * @param onNote gets the reason if the outbox cannot hold the connection.
 * @throws {PicaError} `save-failed`
 */
export async function storeConnection(
  options: StoreOptions,
  connection: Connection,
  onNote: (text: string) => void,
): Promise<void> {
  const id = idOf(options, connection);
  const owner = addToOutbox(options, connection, onNote);
  const failure = await underLock(id, () => store(options, connection, id, owner));
  if (failure) throw saveFailed(connection, failure);
  settle([id]);
}

/**
 * Adds a connection to the outbox of the user that `options` name.
 * @param onNote gets the reason if the outbox cannot hold the connection.
 * @returns the outbox's owner, if there is an outbox.
 */
export function addToOutbox(
  options: OutboxOptions,
  connection: Connection,
  onNote: (text: string) => void,
): Owner | undefined {
  const owner = ownerOf(options);
  settled.delete(idOf(options, connection));
  listen();
  if (owner) {
    try {
      if (outbox.add(owner, connection)) onNote(outboxIsFull);
    } catch (error) {
      onNote(`The outbox cannot hold this connection: ${(error as Error).message}`);
    }
  } else if (options.outbox !== 'off') {
    onNote('There is no outbox without identity.');
  }
  return owner;
}

/**
 * Stores connections that an earlier page of the same user could not store at the same URL. `storing` announces those
 * that were stored. Stops when the server cannot be reached.
 * @returns the `save-failed` errors, or undefined if the outbox is empty or this document is emptying it already.
 */
export function emptyOutbox(options: StoreOptions): Promise<PicaError[]> | undefined {
  const owner = ownerOf(options);
  const id = JSON.stringify(owner);
  if (!owner || emptying.has(id) || outbox.list(owner).length === 0) return undefined;
  emptying.add(id);
  return storeAll(options, owner).finally(() => emptying.delete(id));
}

/** Makes sure that a connection that the user has disconnected is not stored again. */
export function stopStoring(options: OutboxOptions, connection: Connection): void {
  const owner = ownerOf(options);
  if (owner) outbox.remove(owner, connection);
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
  const id = outbox.removedItem(event);
  if (id) settle([id]);
}

async function storeAll(options: StoreOptions, owner: Owner): Promise<PicaError[]> {
  const waiting = outbox.list(owner);
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
  await Promise.all(Array.from({ length: maxParallel }, work));
  if (stored.length > 0) settle(stored, true);
  return failures;
}

/**
 * Runs `task` when nothing else is storing this connection for this user at this URL. With `ifAvailable`, `task` gets no
 * lock if another tab has it.
 */
async function underLock(
  id: string,
  task: (lock: unknown) => Promise<Failure | undefined>,
  lockOptions: LockOptions = {},
): Promise<Failure | undefined> {
  const present = inFlight.get(id);
  if (present) return present;
  const work = lock(id, lockOptions, task).finally(() => inFlight.delete(id));
  inFlight.set(id, work);
  return work;
}

async function lock(
  name: string,
  lockOptions: LockOptions,
  task: (lock: unknown) => Promise<Failure | undefined>,
): Promise<Failure | undefined> {
  // Pages at http don't have it.
  const locks = navigator.locks as LockManager | undefined;
  if (!locks) return task(true);
  let work: Promise<Failure | undefined> | undefined;
  try {
    return await locks.request(name, dictionary(lockOptions), (held) => (work = task(held)));
  } catch {
    // Browsers refuse locks in frames with an opaque origin, and for names that are too long.
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
    // The element may belong to another user by now.
    if (idOf(options, connection) !== id) return ownerChanged();
    const failure = await send();
    if (!failure || settled.has(id)) break;
    const pauseMs = Math.max(failure.retryAfterMs ?? 0, backoffMs(count));
    const isOver = count === maxRequests || Date.now() - began + pauseMs > maxRetryMs;
    if (!failure.isTemporary || isOver) return failure;
    await delay(pauseMs);
  }
  if (owner) outbox.remove(owner, connection);
  return undefined;
}

const outboxIsFull = `The outbox is full (${outbox.maxEntries} connections). Older ones are lost with their page.`;

/** The causes of errors for connections of another user, or for another URL, than the page has now. */
const otherOwner = new WeakSet<object>();

export function ownerChanged(): Failure {
  const cause = new Error('It belongs to another user or another URL.');
  otherOwner.add(cause);
  return {
    what: 'the user or connections-url has changed.',
    hint: 'It will be saved once a page has that user and URL again.',
    isTemporary: true,
    cause,
  };
}

export const pageSaveFailed: Failure = {
  what: "the page's own save failed.",
  hint: 'The cause is what a listener of pica-success threw, or why a promise that was passed to waitUntil() was rejected.',
};

/** Whether the error is about a connection of another user, or for another URL, than the page has now. */
export const isOfOtherOwner = ({ cause }: PicaError): boolean => otherOwner.has(cause as object);

/** Half a second, doubled each time up to 16 s. Up to half of it is left out at random, to spread the requests. */
function backoffMs(count: number): number {
  return Math.min(500 * 2 ** (count - 1), 16_000) * (1 - Math.random() / 2);
}

export function saveFailed(connection: Connection, { what, hint, cause }: Failure): PicaError {
  return new PicaError(
    'save-failed',
    `The connection to ${connection.platform} was not saved: ${what}`,
    { hint, cause, connection },
  );
}
