import { type Connection, normalizeConnections } from '../connection.js';
import { dictionary, own, parseJson } from '../hardening/own.js';
import { toUrl } from './url.js';

/** Where connections are stored, and for whom. */
export interface StorePlace {
  connectionsUrl: string | null;
  identity: string | null;
  outbox: 'auto' | 'off';
}

/** Whose connections, and where they are to be stored. */
export interface Owner {
  /** The full address of `connections-url`. */
  url: string;
  identity: string | null;
}

/** Whose outbox, if there is one. */
export function ownerOf(options: StorePlace): Owner | undefined {
  const { connectionsUrl, identity, outbox } = options;
  return connectionsUrl && identity && outbox !== 'off' ? targetOf(options) : undefined;
}

/** For whom and where something is stored. Both may change meanwhile. */
export function targetOf({ connectionsUrl, identity }: StorePlace): Owner {
  // The same address in one form, however an element was given it.
  const url = connectionsUrl ?? '';
  return { url: toUrl(url)?.href ?? url, identity };
}

const prefix = 'pica-connect.outbox:';
/** Of one owner, so that nobody's connections push out somebody else's. */
export const mostEntries = 100;
/** Characters of one entry, and of a name in it: the connection counts for more than what it is called. */
const longestEntry = 4000;
const longestName = 500;
const days = 24 * 60 * 60 * 1000;
const longestAge = 7 * days;

/** Marks an item as done, just before it is removed: from a removal alone, other tabs could not tell why. */
const settled = '';

/*
 * What is not stored at the host yet, in this browser's `localStorage`: an item for each connection, so that
 * two tabs that write at once take nothing from each other. There is nothing in it that opens anything: no
 * headers, no tokens.
 */

/**
 * Keeps a connection until `forget`, or until there are too many.
 * @returns whether older ones had to go.
 * @throws {DOMException | Error} where the storage is blocked or full, or the connection is too large.
 */
export function keep(owner: Owner, connection: Connection): boolean {
  const { key, platform, environment, state } = connection;
  const name = own(connection, 'name');
  const shortName = name && name.length > longestName ? undefined : name;
  const entry = { key, platform, environment, state, name: shortName, at: Date.now() };
  const text = JSON.stringify(entry);
  if (text.length > longestEntry) throw new Error('it is too large');
  localStorage.setItem(itemOf(owner, key), text);
  const surplus = entriesOf(owner).slice(0, -mostEntries);
  for (const { item } of surplus) localStorage.removeItem(item);
  return surplus.length > 0;
}

/** The connection is stored, or the user has disconnected it. */
export function forget(owner: Owner, { key }: Connection): void {
  const item = itemOf(owner, key);
  try {
    localStorage.setItem(item, settled);
    localStorage.removeItem(item);
  } catch {
    // A storage that is blocked holds nothing either.
  }
}

/** The item that another tab has just marked as done, if the event is about that. */
export function forgottenItem({ key, newValue }: StorageEvent): string | undefined {
  return key?.startsWith(prefix) && newValue === settled ? key : undefined;
}

/** What is kept for this owner, the oldest first. */
export function kept(owner: Owner): Connection[] {
  try {
    const rows = entriesOf(owner).map(({ at: _at, item: _item, ...connection }) => connection);
    return normalizeConnections(rows).connections;
  } catch {
    // A storage that is blocked holds nothing.
    return [];
  }
}

type Entry = Record<string, unknown> & { item: string; at: number; key: string };

/** Of this owner, the oldest first. What is too old goes, whosever it is. */
function entriesOf(owner: Owner): Entry[] {
  const items = Object.keys(localStorage).filter((item) => item.startsWith(prefix));
  const entries = items.flatMap((item) => read(item) ?? []);
  const ofOwner = entries.filter(({ item, key }) => item === itemOf(owner, key));
  return ofOwner.sort((a, b) => a.at - b.at);
}

/** What can be read and is not too old; anything else is cleared away. */
function read(item: string): Entry | undefined {
  const entry = dictionary({ ...parse(localStorage.getItem(item)), item });
  if (isEntry(entry) && Math.abs(Date.now() - entry.at) < longestAge) return entry;
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

/** A connection's item name. It contains the user and the address. */
export function itemOf({ url, identity }: Owner, key: string): string {
  return prefix + JSON.stringify([url, identity, key]);
}
