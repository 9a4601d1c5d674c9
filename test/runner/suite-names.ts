/** The suites that a change is most likely to break. */
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

/** @returns the suite of a test file: its folder in test/, or `component` for folders with the names of those in src/ */
export const suiteOf = (file: string): Suite =>
  suites.find((suite) => file.startsWith(`test/${suite}/`)) ?? 'component';
