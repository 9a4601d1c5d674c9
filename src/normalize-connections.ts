import { connectionStates } from './connection-states.js';
import type { Connection, ConnectionEnvironment, ConnectionState } from './connection.js';
import { PicaError } from './errors.js';
import { dictionary } from './hardening/prototype-pollution.js';
import { parseTimestamp } from './timestamp.js';

/**
 * Checks a connection from any source: AuthKit's `ConnectionRecord`, a row of the Vault API or of the host's own table.
 * @throws {PicaError} `connection-invalid` if there is no key or no platform.
 */
function normalizeConnection(raw: unknown): Connection {
  if (typeof raw !== 'object' || raw === null) {
    throw connectionInvalid('A connection must be an object, and this is not one.', raw);
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
  if (!isText(key)) throw connectionInvalid('A connection came without a key.', raw);
  if (!isText(platform)) throw connectionInvalid('A connection came without a platform.', raw);

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
  const isoTime = toIsoTime(createdAt);
  if (isoTime) connection.createdAt = isoTime;
  // MySQL and SQLite store booleans as numbers.
  if (typeof confirmed === 'boolean' || typeof confirmed === 'number') {
    connection.confirmed = Boolean(confirmed);
  }
  if (Array.isArray(tags)) connection.tags = tags.filter((tag) => typeof tag === 'string');
  return Object.assign(connection, withoutMergeKeys(rest));
}

/** Keys that change a prototype if the page merges the data into another object. */
const mergeKeys = ['__proto__', 'constructor', 'prototype'];

/**
 * Copies plain data without these keys at any depth, and without instances of classes, which could hide them.
 * @param copies what has been copied already: the data may contain itself.
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

/** Whether this is an array or an object without a class, from any realm. */
function isPlain(data: object): boolean {
  const parent: unknown = Object.getPrototypeOf(data);
  return Array.isArray(data) || parent === null || Object.getPrototypeOf(parent) === null;
}

/** Connections that were returned from here. Checking thousands of rows again would take too long. */
const normalized = new WeakSet<object>();

/**
 * Checks every row. Refuses a bad one with an error and keeps the others. If several have the same key, the first one
 * wins.
 */
export function normalizeConnections(rows: unknown): {
  connections: Connection[];
  refused: PicaError[];
} {
  if (!Array.isArray(rows)) return { connections: [], refused: [notAnArray(rows)] };
  const connections = new Map<string, Connection>();
  const refused: PicaError[] = [];
  for (const row of rows as unknown[]) {
    try {
      const isKnown = normalized.has(row as object);
      const connection = isKnown ? (row as Connection) : normalizeConnection(row);
      normalized.add(connection);
      if (!connections.has(connection.key)) connections.set(connection.key, connection);
    } catch (error) {
      // Reading a row may throw too: it can be a proxy or have a getter.
      refused.push(
        error instanceof PicaError ? error : connectionInvalid('Reading a row failed.', error),
      );
    }
  }
  return { connections: [...connections.values()], refused };
}

/** @param text the environment or the key, which starts with it. */
function toEnvironment(text: string): ConnectionEnvironment {
  return /^test(::|$)/i.test(text) ? 'test' : 'live';
}

function toState(state: unknown, active: unknown): ConnectionState {
  if (state === undefined || state === null) return active === false ? 'failed' : 'operational';
  const isKnown = typeof state === 'string' && Object.hasOwn(connectionStates, state);
  return isKnown ? (state as ConnectionState) : 'unknown';
}

/** AuthKit sends milliseconds, the Vault API and databases send strings, and the page's script may give a Date. */
function toIsoTime(value: unknown): string | undefined {
  const date = new Date(value instanceof Date ? value : parseTimestamp(value));
  // No connection is from 1970: 0 means that there is no value.
  return date.getTime() > 0 ? date.toISOString() : undefined;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

export function notAnArray(raw: unknown): PicaError {
  return new PicaError('connection-invalid', 'The connections are not in an array.', {
    hint: 'Set connections to an array. If you have {"rows": […]}, set it to the rows.',
    cause: raw,
  });
}

export function connectionInvalid(message: string, raw: unknown): PicaError {
  return new PicaError('connection-invalid', message, {
    hint: 'Every connection needs a "key" (or "connection_key") and a "platform", both strings.',
    cause: raw,
  });
}
