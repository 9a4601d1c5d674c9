import type { TestSession, TestSuiteResult } from '@web/test-runner';

/** What came of a suite. Nothing else decides whether it passed. */
export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

export const sum = (counts: readonly Counts[]): Counts =>
  counts.reduce(
    (total, { passed, failed, skipped }) => ({
      passed: total.passed + passed,
      failed: total.failed + failed,
      skipped: total.skipped + skipped,
    }),
    { passed: 0, failed: 0, skipped: 0 },
  );

/**
 * A file that did not load, ended early or has no tests counts as one failure: it would otherwise
 * look like success.
 */
export const countSessions = (sessions: readonly TestSession[]): Counts =>
  sum(
    sessions.map((session) => {
      const counts = session.testResults ? countSuite(session.testResults) : sum([]);
      const isEmpty = counts.passed + counts.failed + counts.skipped === 0;
      const failedOutside = session.passed !== true && counts.failed === 0;
      return { ...counts, failed: counts.failed + (isEmpty || failedOutside ? 1 : 0) };
    }),
  );

const countSuite = ({ tests, suites }: TestSuiteResult): Counts =>
  sum([
    {
      passed: tests.filter(({ passed, skipped }) => passed && !skipped).length,
      failed: tests.filter(({ passed, skipped }) => !passed && !skipped).length,
      skipped: tests.filter(({ skipped }) => skipped).length,
    },
    ...suites.map(countSuite),
  ]);
