import type { Connection, ConnectionState } from '../connection.js';
import type { Integration } from '../integration.js';
import { nameOf } from './row.js';

const urgency: Record<ConnectionState, number> = {
  failed: 0,
  degraded: 1,
  operational: 2,
  unknown: 2,
};

/** Those that need attention first, then by name in the reader's collation. */
export function byAttention(integrations: ReadonlyMap<string, Integration>) {
  const { compare } = new Intl.Collator();
  const name = (connection: Connection) =>
    nameOf(connection, integrations.get(connection.platform));
  return (a: Connection, b: Connection): number =>
    urgency[a.state] - urgency[b.state] || compare(name(a), name(b));
}
