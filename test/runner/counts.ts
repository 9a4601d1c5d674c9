import type { TestSession, TestSuiteResult } from '@web/test-runner';

/** The results of a suite. Nothing else decides whether it passed. */
export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
  /** The names of failed tests, each with its error. Printed again at the very end. */
  failures: string[];
}

export const sum = (counts: readonly Counts[]): Counts =>
  counts.reduce(
    (total, { passed, failed, skipped, failures }) => ({
      passed: total.passed + passed,
      failed: total.failed + failed,
      skipped: total.skipped + skipped,
      failures: [...total.failures, ...failures],
    }),
    { passed: 0, failed: 0, skipped: 0, failures: [] },
  );

/**
 * Counts a file as a failure if it did not load, ended early or has no tests. Otherwise, it would look like a success.
 */
export const countSessions = (sessions: readonly TestSession[]): Counts =>
  sum(
    sessions.map((session) => {
      const counts = session.testResults ? countSuite(session.testResults) : sum([]);
      const isEmpty = counts.passed + counts.failed + counts.skipped === 0;
      const failedOutside = session.passed !== true && counts.failed === 0;
      if (!isEmpty && !failedOutside) return counts;
      const failure = `${session.testFile}: ${session.errors.map(({ message }) => message).join(' ') || 'ended early'}`;
      return {
        ...counts,
        failed: counts.failed + 1,
        failures: [...counts.failures, failure],
      };
    }),
  );

const countSuite = ({ name, tests, suites }: TestSuiteResult): Counts =>
  sum([
    {
      passed: tests.filter(({ passed, skipped }) => passed && !skipped).length,
      failed: tests.filter(({ passed, skipped }) => !passed && !skipped).length,
      skipped: tests.filter(({ skipped }) => skipped).length,
      failures: tests
        .filter(({ passed, skipped }) => !passed && !skipped)
        .map(
          (test) =>
            `${[name, test.name].filter(Boolean).join(' › ')}\n${test.error?.message ?? ''}`,
        ),
    },
    ...suites.map(countSuite),
  ]);
