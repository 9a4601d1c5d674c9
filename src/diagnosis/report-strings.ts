/** The texts of what `debug` shows, but for the findings. They are in English until its part is loaded. */
export const reportStrings = {
  debugIsOn: 'debug is on. Use the button, or check: what is wrong is shown here.',
  debugNothingWrong: 'Nothing is wrong.',
  debugWrongOf: 'Not right: {wrong} of {all}.',
  debugGood: 'Good',
  debugWrong: 'Wrong',
  debugCopy: 'Copy',
  debugCopied: 'Copied',
  debugNotCopied: 'Could not be copied',
  debugCheck: 'Check everything',
  debugChecking: 'Checking…',
} as const;
