/** Every text that the elements show or say. English is built in and is the pattern for the others. */
export const en = {
  connect: 'Connect',
  connectTo: (name: string) => `Connect ${name}`,
  authkitTitle: 'Connect an account',
  opening: 'Opening…',
  cancel: 'Cancel',
  close: 'Close',
  saving: 'Saving…',
  unsaved: 'Connected, but not saved yet.',

  connections: 'Connections',
  loadingConnections: 'Loading connections…',
  noConnections: 'Nothing is connected yet.',
  loadFailed: 'The connections could not be loaded.',
  retry: 'Retry',
  connectedOn: (date: string) => `Connected ${date}`,
  test: 'Test',
  operational: 'Connected',
  degraded: 'Having trouble',
  failed: 'Needs to be reconnected',
  unknown: 'State unknown',
};

export type Strings = typeof en;
