import { PicaError } from './errors.js';
import { dictionary } from './hardening/own.js';
import { parseTime } from './time.js';

/** `live` unless it was made with a test key. */
export type ConnectionEnvironment = 'live' | 'test';

/**
 * `operational`: healthy. `degraded`: refreshing its credentials failed, and Pica tries again.
 * `failed`: inactive until the user connects again. `unknown`: Pica does not say.
 */
export type ConnectionState = 'operational' | 'degraded' | 'failed' | 'unknown';

/** A user's connected account. */
export interface Connection {
  /** What the host's backend stores and later uses: `live::gmail::default::abc123`. */
  key: string;
  /** The integration's id: `gmail`. */
  platform: string;
  environment: ConnectionEnvironment;
  state: ConnectionState;
  id?: string;
  /** What the user, or Pica, called this account. */
  name?: string;
  /** Whose connection it is, in the host's own words: a user id, a team id. */
  identity?: string;
  identityType?: string;
  /** ISO 8601, in UTC. */
  createdAt?: string;
  /** `false`: the host has stored it, but not found it at Pica yet. Shown as being checked. */
  confirmed?: boolean;
  tags?: string[];
  /** Whatever else came with it. */
  [other: string]: unknown;
}

const states: readonly unknown[] = [
  'operational',
  'degraded',
  'failed',
  'unknown',
] satisfies ConnectionState[];

/**
 * The one place where a connection is checked, whoever sent it: a `ConnectionRecord` of AuthKit's,
 * a row of the Vault API or of the host's own table.
 * @throws {PicaError} `connection-invalid` when it has no key or no platform.
 */
export function normalizeConnection(raw: unknown): Connection {
  if (typeof raw !== 'object' || raw === null) {
    throw invalid('A connection is an object, and this is not one.', raw);
  }
  const {
    connection_key,
    created_at,
    _id,
    key = connection_key,
    createdAt = created_at,
    id = _id,
    platform,
    environment,
    state,
    name,
    identity,
    identityType,
    confirmed,
    tags,
    ...rest
  } = dictionary(raw as Record<string, unknown>);
  if (!isText(key)) throw invalid('A connection came without a key.', raw);
  if (!isText(platform)) throw invalid('A connection came without a platform.', raw);

  const connection: Connection = {
    key,
    platform,
    environment: toEnvironment(isText(environment) ? environment : key),
    state: toState(state, rest.active),
  };
  if (isText(id) || typeof id === 'number') connection.id = String(id);
  if (isText(name)) connection.name = name;
  if (isText(identity)) connection.identity = identity;
  if (isText(identityType)) connection.identityType = identityType;
  const made = toTimestamp(createdAt);
  if (made) connection.createdAt = made;
  // MySQL and SQLite have numbers for booleans.
  if (typeof confirmed === 'boolean' || typeof confirmed === 'number') {
    connection.confirmed = Boolean(confirmed);
  }
  if (Array.isArray(tags)) connection.tags = tags.filter((tag) => typeof tag === 'string');
  return withoutMergeKeys({ ...connection, ...rest });
}

/** Keys that change an object's prototype where a page merges the object into another. */
const mergeKeys = ['__proto__', 'constructor', 'prototype'];

/**
 * Copies plain data without these keys, however deep they are, and without what else they could hide in.
 * @param copies of what it holds, as it may hold itself.
 */
function withoutMergeKeys<T>(data: T, copies = new Map<unknown, unknown>()): T {
  if (Object(data) !== data || data instanceof Date) return data;
  if (!isPlain(data as object)) return undefined as T;
  if (copies.has(data)) return copies.get(data) as T;
  const copy: Record<string, unknown> | unknown[] = Array.isArray(data) ? [] : {};
  copies.set(data, copy);
  for (const [key, value] of Object.entries(data as object)) {
    if (!mergeKeys.includes(key)) Reflect.set(copy, key, withoutMergeKeys(value, copies));
  }
  return copy as T;
}

/** An array, or an object of no class, whichever realm it is of. */
function isPlain(data: object): boolean {
  const parent: unknown = Object.getPrototypeOf(data);
  return Array.isArray(data) || parent === null || Object.getPrototypeOf(parent) === null;
}

/** What has come out of here once needs no second look, which counts with thousands of rows. */
const normalized = new WeakSet<object>();

/**
 * Checks every row: a bad one is refused with an error, and the others are kept. Of several with the
 * same key the first counts.
 */
export function normalizeConnections(rows: unknown): {
  connections: Connection[];
  refused: PicaError[];
} {
  if (!Array.isArray(rows)) return { connections: [], refused: [notInArray(rows)] };
  const connections = new Map<string, Connection>();
  const refused: PicaError[] = [];
  for (const row of rows as unknown[]) {
    try {
      const isKnown = normalized.has(row as object);
      const connection = isKnown ? (row as Connection) : normalizeConnection(row);
      normalized.add(connection);
      if (!connections.has(connection.key)) connections.set(connection.key, connection);
    } catch (error) {
      // A row may also throw at being read: a proxy, or a getter of a host's class.
      refused.push(error instanceof PicaError ? error : invalid('A row cannot be read.', error));
    }
  }
  return { connections: [...connections.values()], refused };
}

/** A connection key begins with its environment, so a row that lacks the field still tells. */
function toEnvironment(text: string): ConnectionEnvironment {
  return /^test(::|$)/i.test(text) ? 'test' : 'live';
}

function toState(state: unknown, active: unknown): ConnectionState {
  if (state === undefined || state === null) return active === false ? 'failed' : 'operational';
  return states.includes(state) ? (state as ConnectionState) : 'unknown';
}

/** AuthKit sends milliseconds, the Vault API and a host's table send text, a host's script a Date. */
function toTimestamp(value: unknown): string | undefined {
  const date = new Date(value instanceof Date ? value : parseTime(value));
  // No connection dates from 1970. A 0 there is an empty value.
  return date.getTime() > 0 ? date.toISOString() : undefined;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function notInArray(raw: unknown): PicaError {
  return new PicaError('connection-invalid', 'The connections are not an array.', {
    hint: 'Give connections as an array; where there is {"rows": […]}, give its rows.',
    cause: raw,
  });
}

function invalid(message: string, raw: unknown): PicaError {
  return new PicaError('connection-invalid', message, {
    hint: 'Every connection needs a text "key" (or "connection_key") and a text "platform".',
    cause: raw,
  });
}
