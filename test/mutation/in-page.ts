/*
 * Runs in the page of a test file, before Mocha does: says which mutant is active, in which order its tests are
 * run, and tells what came of them and which mutants each of them has met.
 */

/** What Stryker's instrumented sources read and write; the frames in a page share it with the page. */
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

/** What the runner tells the page. */
export interface Setup {
  shared: Shared;
  /** Before the name of a test, in the id by which Stryker knows it. */
  prefix: string;
  /** Milliseconds that each of the tests takes without a mutant, by id. */
  usual: Record<string, number>;
  /** The ids of tests that are likelier to fail than others, the likeliest first. */
  likely: string[];
}

export interface Outcome {
  id: string;
  /** Milliseconds. */
  took: number;
  /** Why it failed. */
  failure?: string;
}

/** What the page tells the runner. web-test-runner takes it along in the place of a coverage report. */
export interface PageReport {
  outcomes: Outcome[];
  shared: Shared;
}

/** In the place of a test's id, for what runs between tests. */
export const betweenTests = 'between tests';

declare global {
  interface Window {
    mutationSetup?: Setup;
    __stryker__?: Shared;
  }
}

if ('window' in globalThis && window.mutationSetup) begin(window.mutationSetup);

function begin({ shared, prefix, usual, likely }: Setup): void {
  window.__stryker__ = shared;
  // A page that is left in the middle of a save would ask whether that is meant, and nobody answers here.
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
    let began = 0;
    leaveTest();
    sort(runner.suite);
    runner.on('suite', leaveTest);
    runner.on('test', (test) => {
      const id = idOf(test);
      began = performance.now();
      shared.currentTestId = id;
      // For tests that wait for what a mutant keeps from happening.
      if (id in usual) test.timeout(Math.min(test.timeout(), 4 * (usual[id] ?? 0) + 3000));
    });
    runner.on('pass', (test) => {
      outcomes.push({ id: idOf(test), took: performance.now() - began });
    });
    runner.on('fail', (test, error: unknown) => {
      const failure = error instanceof Error ? error.message : String(error);
      outcomes.push({ id: idOf(test), took: performance.now() - began, failure });
    });
  };

  Object.defineProperties(window, {
    __WTR_MOCHA_RUNNER__: { set: onRunner },
    __coverage__: { get: (): PageReport => ({ outcomes, shared }) },
  });
}
