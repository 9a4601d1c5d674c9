/** What a change may break at once. */
export const quickSuites = [
  'checks',
  'release',
  'component',
  'backend',
  'end-to-end',
  'visual',
] as const;

export const suites = [
  ...quickSuites,
  'sandbox',
  'host-pages',
  'accessibility',
  'commands',
  'site',
  'endurance',
  'packages',
] as const;

export type Suite = (typeof suites)[number];

export const isSuite = (name: string): name is Suite => suites.some((suite) => suite === name);

/** The suite of a test file: its folder in test/, or `component` for those that are named as the folders of src/. */
export const suiteOf = (file: string): Suite =>
  suites.find((suite) => file.startsWith(`test/${suite}/`)) ?? 'component';
