/** The English strings of the report that `debug` shows. Loaded with the diagnosis, so `Locale` may not have them. */
export const debugStrings = {
  debugIsOn: 'Debug mode is on. Click the button or run the check; problems show up here.',
  debugNothingWrong: 'No problems found.',
  debugWrongOf: 'Failed checks: {wrong} of {all}.',
  debugGood: 'OK',
  debugWrong: 'Problem',
  debugCopy: 'Copy',
  debugCopied: 'Copied',
  debugNotCopied: 'Could not copy',
  debugCheck: 'Check everything',
  debugChecking: 'Checking…',
} as const;
