/**
 * Every string that the elements show or announce. English is built in, and the other locales have the same keys.
 * `{name}` is a placeholder. A string with a number has a form for each plural category of `Intl.PluralRules`.
 */
export const en = {
  connect: 'Connect',
  connectTo: 'Connect {name}',
  authkitTitle: 'Connect an account',
  opening: 'Opening…',
  cancel: 'Cancel',
  close: 'Close',
  elsewhere: 'Go on in the other window.',
  showWindow: 'Show it',
  unsaved: 'Connected, but not saved yet.',
  required: 'Connect an account first.',
  needsScript: 'To connect an account, switch JavaScript on.',

  connections: 'Connections',
  loadingConnections: 'Loading connections…',
  noConnections: 'Nothing is connected yet.',
  loadFailed: 'The connections could not be loaded.',
  refreshFailed: 'The connections could not be loaded again. These are of {time}.',
  integrationsFailed: 'What else can be connected could not be loaded.',
  retry: 'Retry',
  connected: 'Connected {when}',
  test: 'Test',
  operational: 'Connected',
  degraded: 'Having trouble',
  failed: 'Needs to be reconnected',
  unknown: 'State unknown',
  checking: 'Being checked',
  saving: 'Being saved',
  notSaved: 'Not saved',

  reconnect: 'Reconnect',
  disconnect: 'Disconnect',
  disconnectSure: 'Disconnect?',
  disconnecting: 'Disconnecting…',
  disconnected: '{what} was disconnected.',
  disconnectFailed: 'This could not be disconnected. Try again.',
  /** The accessible name of a row's button: its action and its row. It has to contain the button's visible label. */
  action: '{action} {what}',
  /** Stands between a name and its account, and between labels. */
  separator: ', ',

  available: 'Available',
  otherCategory: 'More',
  search: 'Search connections',
  category: 'Category',
  allCategories: 'All categories',
  found: { one: '{count} found', other: '{count} found' },
  nothingFoundFor: 'Nothing found for “{query}”.',
  nothingFoundIn: 'Nothing found in “{category}”.',
  nothingFoundForIn: 'Nothing found for “{query}” in “{category}”.',
  clearSearch: 'Show all',
} as const;
