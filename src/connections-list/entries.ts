import type { Connection } from '../connection.js';
import { displayName, type Integration } from '../integration.js';
import type { Locale } from '../localization/locale.js';
import { own } from '../hardening/own.js';
import { type RowState, rowStates } from './row-states.js';

/** A connection, and what the list shows of it. */
export interface Entry {
  connection: Connection;
  state: RowState;
  integration: Integration | undefined;
  /** The integration's name, and where that is unknown one made from the platform. */
  name: string;
  /** Which account it is, as far as that is known. */
  account: string;
  /** Both in one line, for the names of buttons. */
  label: string;
}

export type IntegrationsByPlatform = ReadonlyMap<string, Integration>;

/** Those that need attention first, then by name in the reader's collation, one platform together. */
export function createEntries(
  connections: readonly Connection[],
  integrations: IntegrationsByPlatform,
  stateOf: (connection: Connection) => RowState,
  locale: Locale,
): Entry[] {
  const separator = locale.text('separator');
  const entries = connections.map((connection) =>
    createEntry(connection, stateOf(connection), integrations, separator),
  );
  // Names are compared once for each platform, and not once for each pair of thousands of rows.
  const names = new Map(entries.map(({ connection, name }) => [connection.platform, name]));
  const { compare } = new Intl.Collator(locale.language);
  const platforms = [...names].sort(([, a], [, b]) => compare(a, b));
  const rank = new Map(platforms.map(([platform], index) => [platform, index]));
  const rankOf = ({ connection: { platform } }: Entry) => rank.get(platform) ?? 0;
  return entries.sort(
    (a, b) => rowStates[b.state].urgency - rowStates[a.state].urgency || rankOf(a) - rankOf(b),
  );
}

function createEntry(
  connection: Connection,
  state: RowState,
  integrations: IntegrationsByPlatform,
  separator: string,
): Entry {
  const integration = integrations.get(connection.platform);
  const name = shorten(integration?.name ?? displayName(connection.platform));
  const given = own(connection, 'name');
  const ownName = given === name ? undefined : given;
  const account = shorten(ownName ?? own(connection, 'identity') ?? '');
  return {
    connection,
    state,
    integration,
    name,
    account,
    label: account ? name + separator + account : name,
  };
}

/** What nobody would read to its end is not laid out either. */
export function shorten(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
