import type { Connection } from '../connection.js';
import { normalizeConnections } from '../normalize-connections.js';
import { dictionary, own, parseJson } from '../hardening/prototype-pollution.js';
import { outboxPrefix as prefix } from './outbox-prefix.js';
import { toUrl } from './url.js';

/** Which server stores connections, and for which user. */
export interface OutboxOptions {
  connectionsUrl: string | null;
  identity: string | null;
  outbox: 'auto' | 'off';
}

/** The user and the endpoint that an outbox belongs to. */
export interface Owner {
  /** The full URL of `connections-url`. */
  url: string;
  identity: string | null;
}

/** Returns the owner of the outbox, if there is an outbox. */
export function ownerOf(options: OutboxOptions): Owner | undefined {
  const { connectionsUrl, identity, outbox } = options;
  return connectionsUrl && identity && outbox !== 'off' ? toOwner(options) : undefined;
}

/** Returns the current user and endpoint. Both can change while a connection is being stored. */
export function toOwner({ connectionsUrl, identity }: OutboxOptions): Owner {
  // Relative and absolute forms of the same URL must match.
  const url = connectionsUrl ?? '';
  return { url: toUrl(url)?.href ?? url, identity };
}

/** Applies to each owner, so that nobody's connections push out those of another user. */
export const maxEntries = 100;
/** Limits an entry, in characters. A name that is too long is left out rather than losing the connection. */
const maxEntryLength = 4000;
const maxNameLength = 500;
const maxAgeMs = 7 * 24 * 60 * 60 * 1000;

/** Marks an item as done just before it is removed, because other tabs can't see why an item was removed. */
const settled = '';

/*
 * Connections that the host has not stored yet, in this browser's `localStorage`. Each connection has an item of its own,
 * so that two tabs can write at the same time. An item contains no secret: no headers, no tokens.
 */

/**
 * Adds a connection. Drops the oldest ones if there are too many.
 * @returns whether any were dropped.
 * @throws {DOMException | Error} if the storage is blocked or full, or the connection is too large.
 */
export function add(owner: Owner, connection: Connection): boolean {
  const { key, platform, environment, state } = connection;
  const name = own(connection, 'name');
  const shortName = name && name.length > maxNameLength ? undefined : name;
  const entry = { key, platform, environment, state, name: shortName, at: Date.now() };
  const text = JSON.stringify(entry);
  if (text.length > maxEntryLength) throw new Error('it is too large');
  localStorage.setItem(itemOf(owner, key), text);
  const surplus = entriesOf(owner).slice(0, -maxEntries);
  for (const { item } of surplus) localStorage.removeItem(item);
  return surplus.length > 0;
}

/** Removes a connection that has been stored or that the user has disconnected. */
export function remove(owner: Owner, { key }: Connection): void {
  const item = itemOf(owner, key);
  try {
    localStorage.setItem(item, settled);
    localStorage.removeItem(item);
  } catch {
    // Nothing to remove: the storage is blocked.
  }
}

/** Returns the item that another tab is removing, if the event is about one. */
export function removedItem({ key, newValue }: StorageEvent): string | undefined {
  return key?.startsWith(prefix) && newValue === settled ? key : undefined;
}

/** Lists this owner's connections, the oldest first. */
export function list(owner: Owner): Connection[] {
  try {
    const rows = entriesOf(owner).map(({ at: _at, item: _item, ...connection }) => connection);
    return normalizeConnections(rows).connections;
  } catch {
    // The storage is blocked.
    return [];
  }
}

type Entry = Record<string, unknown> & { item: string; at: number; key: string };

/** Lists this owner's entries, the oldest first. Removes expired entries of every owner. */
function entriesOf(owner: Owner): Entry[] {
  const items = Object.keys(localStorage).filter((item) => item.startsWith(prefix));
  const entries = items.flatMap((item) => read(item) ?? []);
  const ofOwner = entries.filter(({ item, key }) => item === itemOf(owner, key));
  return ofOwner.sort((a, b) => a.at - b.at);
}

/** Reads an entry. Removes one that is invalid or expired. */
function read(item: string): Entry | undefined {
  const entry = dictionary({ ...parse(localStorage.getItem(item)), item });
  if (isEntry(entry) && Math.abs(Date.now() - entry.at) < maxAgeMs) return entry;
  localStorage.removeItem(item);
  return undefined;
}

function isEntry(entry: Record<string, unknown>): entry is Entry {
  const { at, key, platform } = entry;
  return typeof at === 'number' && typeof key === 'string' && typeof platform === 'string';
}

function parse(text: string | null): object | null {
  try {
    return parseJson(text ?? '') as object | null;
  } catch {
    return null;
  }
}

/** Names a connection's item. The name contains the user and the URL. */
export function itemOf({ url, identity }: Owner, key: string): string {
  return prefix + JSON.stringify([url, identity, key]);
}
