/** Every text that the elements show or say. English is built in and is the pattern for the others. */
export const en = {
  connect: 'Connect',
  connectTo: (name: string) => `Connect ${name}`,
  authkitTitle: 'Connect an account',
  opening: 'Opening…',
  cancel: 'Cancel',
  close: 'Close',
  unsaved: 'Connected, but not saved yet.',
  required: 'Connect an account first.',

  connections: 'Connections',
  loadingConnections: 'Loading connections…',
  noConnections: 'Nothing is connected yet.',
  loadFailed: 'The connections could not be loaded.',
  refreshFailed: (time: string) =>
    `The connections could not be loaded again. These are of ${time}.`,
  integrationsFailed: 'What else can be connected could not be loaded.',
  retry: 'Retry',
  connected: (when: string) => `Connected ${when}`,
  test: 'Test',
  operational: 'Connected',
  degraded: 'Having trouble',
  failed: 'Needs to be reconnected',
  unknown: 'State unknown',

  reconnect: 'Reconnect',
  disconnect: 'Disconnect',
  disconnectSure: 'Disconnect?',
  disconnecting: 'Disconnecting…',
  disconnected: (what: string) => `${what} was disconnected.`,
  disconnectFailed: 'This could not be disconnected. Try again.',
  /** What a button does, and to which row. */
  action: (action: string, what: string) => `${action} ${what}`,
  /** A connection in one line. */
  row: (name: string, account: string) => (account ? `${name}, ${account}` : name),

  available: 'Available',
  otherCategory: 'More',
  search: 'Search connections',
  category: 'Category',
  allCategories: 'All categories',
  found: (count: number) => (count === 1 ? '1 found' : `${String(count)} found`),
  /** Either may be empty. */
  nothingFound: (query: string, category: string) =>
    `Nothing found${query && ` for “${query}”`}${category && ` in “${category}”`}.`,
  clearSearch: 'Show all',
};

export type Strings = typeof en;
