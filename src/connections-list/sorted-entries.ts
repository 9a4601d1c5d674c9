import type { Connection } from '../connection.js';
import { displayName, type Integration } from '../integration.js';
import type { Locale } from '../localization/locale.js';
import { own } from '../hardening/prototype-pollution.js';
import { nameComparer } from './compare-names.js';
import { type RowState, rowStates } from './row-states.js';

/** A connection with what the list shows of it. */
export interface Entry {
  connection: Connection;
  state: RowState;
  integration: Integration | undefined;
  /** The integration's name. If that is unknown, derived from the platform. */
  name: string;
  /** The name of the account, or '' if unknown. */
  account: string;
  /** Name and account, for the accessible names of the row's buttons. */
  label: string;
}

export type IntegrationsByPlatform = ReadonlyMap<string, Integration>;

/**
 * Sorts the entries: by urgency, then by name in the order of the user's language. Connections of one platform stay
 * together.
 */
export function createSortedEntries(
  connections: readonly Connection[],
  integrations: IntegrationsByPlatform,
  stateOf: (connection: Connection) => RowState,
  locale: Locale,
): Entry[] {
  const separator = locale.text('separator');
  const entries = connections.map((connection) =>
    createEntry(connection, stateOf(connection), integrations, separator),
  );
  // Sorting the platforms takes fewer slow comparisons than sorting thousands of rows.
  const names = new Map(entries.map(({ connection, name }) => [connection.platform, name]));
  const compare = nameComparer(locale.language);
  const platforms = [...names].sort(([, a], [, b]) => compare(a, b));
  const rank = new Map(platforms.map(([platform], index) => [platform, index]));
  const rankOf = ({ connection: { platform } }: Entry) => rank.get(platform) ?? 0;
  const urgencyOf = ({ state }: Entry) => rowStates[state][0];
  return entries.sort((a, b) => urgencyOf(b) - urgencyOf(a) || rankOf(a) - rankOf(b));
}

function createEntry(
  connection: Connection,
  state: RowState,
  integrations: IntegrationsByPlatform,
  separator: string,
): Entry {
  const integration = integrations.get(connection.platform);
  const name = shorten(integration?.name ?? displayName(connection.platform));
  const connectionName = own(connection, 'name');
  const accountName = connectionName === name ? undefined : connectionName;
  const account = shorten(accountName ?? own(connection, 'identity') ?? '');
  return {
    connection,
    state,
    integration,
    name,
    account,
    label: account ? name + separator + account : name,
  };
}

/** Cuts very long text off, because its layout would slow the page down. */
export function shorten(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
