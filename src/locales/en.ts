/**
 * The strings of both elements and of the dialog around AuthKit. English is built in, and the other locales have the same
 * keys. The list's own strings are in `localization/list-strings.ts`.
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
  openFailed: 'This could not be opened. Reloading the page may help.',
  unsaved: 'Connected, but not saved yet.',
  required: 'Connect an account first.',
  needsScript: 'To connect an account, switch JavaScript on.',
  retry: 'Retry',
  /** Stands between labels, and between a name and its account. */
  separator: ', ',
} as const;
