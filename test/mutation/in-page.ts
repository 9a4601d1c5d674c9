/*
 * Runs in the page of a test file before Mocha does. Activates the mutant, orders the tests, and reports their results
 * and which mutants each of them ran.
 */

/** What Stryker's instrumented sources read and write. A page shares it with its frames. */
export interface Shared {
  activeMutant?: string;
  hitCount?: number;
  hitLimit?: number;
  currentTestId?: string;
  mutantCoverage?: Coverage;
}

export interface Coverage {
  static: Record<string, number>;
  perTest: Record<string, Record<string, number>>;
}

/** What the runner passes to the page. */
export interface Setup {
  shared: Shared;
  /** Precedes a test's name in its ID. */
  prefix: string;
  /** The duration of each test without a mutant, in milliseconds, by ID. */
  baselineMs: Record<string, number>;
  /** IDs of the tests to run first, the likeliest to fail first. */
  likely: string[];
}

export interface Outcome {
  id: string;
  durationMs: number;
  /** The error message, if it failed. */
  failure?: string;
}

/** What the page reports to the runner. web-test-runner transports it in place of a coverage report. */
export interface PageReport {
  outcomes: Outcome[];
  shared: Shared;
}

/** Replaces a test's ID while code runs between tests. */
export const betweenTests = 'between tests';

declare global {
  interface Window {
    mutationSetup?: Setup;
    __stryker__?: Shared;
  }
}

if ('window' in globalThis && window.mutationSetup) begin(window.mutationSetup);

function begin({ shared, prefix, baselineMs, likely }: Setup): void {
  window.__stryker__ = shared;
  // Leaving a page with a pending save would open a dialog that nobody answers.
  const onBeforeUnload = (event: Event) => {
    if (event.isTrusted) event.stopImmediatePropagation();
  };
  window.addEventListener('beforeunload', onBeforeUnload, { capture: true });

  const outcomes: Outcome[] = [];
  const idOf = (test: Mocha.Runnable) => prefix + test.fullTitle();

  const ranks = new Map(likely.map((id, rank) => [id, rank]));
  const rankOf = (test: Mocha.Test) => ranks.get(idOf(test)) ?? likely.length;
  const rankOfSuite = (suite: Mocha.Suite): number =>
    Math.min(likely.length, ...suite.tests.map(rankOf), ...suite.suites.map(rankOfSuite));
  const sort = (suite: Mocha.Suite): void => {
    suite.tests.sort((a, b) => rankOf(a) - rankOf(b));
    suite.suites.sort((a, b) => rankOfSuite(a) - rankOfSuite(b));
    suite.suites.forEach(sort);
  };

  const leaveTest = () => {
    shared.currentTestId = betweenTests;
  };
  const onRunner = (runner: Mocha.Runner): void => {
    let startedAt = 0;
    leaveTest();
    sort(runner.suite);
    runner.on('suite', leaveTest);
    runner.on('test', (test) => {
      const id = idOf(test);
      startedAt = performance.now();
      shared.currentTestId = id;
      // A mutant may prevent what a test waits for, so the test gets a shorter timeout.
      if (id in baselineMs)
        test.timeout(Math.min(test.timeout(), 4 * (baselineMs[id] ?? 0) + 3000));
    });
    runner.on('pass', (test) => {
      outcomes.push({ id: idOf(test), durationMs: performance.now() - startedAt });
    });
    runner.on('fail', (test, error: unknown) => {
      const failure = error instanceof Error ? error.message : String(error);
      outcomes.push({ id: idOf(test), durationMs: performance.now() - startedAt, failure });
    });
  };

  Object.defineProperties(window, {
    __WTR_MOCHA_RUNNER__: { set: onRunner },
    __coverage__: { get: (): PageReport => ({ outcomes, shared }) },
  });
}
