import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { MutantCoverage } from '@stryker-mutator/api/core';
import type { Logger } from '@stryker-mutator/api/logging';
import { commonTokens, declareClassPlugin, PluginKind, tokens } from '@stryker-mutator/api/plugin';
import {
  type DryRunOptions,
  type DryRunResult,
  DryRunStatus,
  type MutantRunOptions,
  type MutantRunResult,
  MutantRunStatus,
  type TestResult,
  type TestRunner,
  TestStatus,
} from '@stryker-mutator/api/test-runner';
import {
  SESSION_STATUS,
  startTestRunner,
  type TestRunner as WebTestRunner,
  type TestRunnerConfig,
  type TestSession,
} from '@web/test-runner';
import type { ChromeLauncher } from '@web/test-runner-chrome';
import { betweenTests, type PageReport, type Setup, type Shared } from './in-page.js';
import { fileOfTest, type Baseline, Likelihood } from './likelihood.js';

type Plugin = NonNullable<TestRunnerConfig['plugins']>[number];

/** The result of one test file. `hung` says why there is no report if its page did not finish. */
type FileResult = { report: PageReport; errors: string[] } | { hung: string };

/** The component tests, except those about appearance and languages, whose failures other tests notice sooner. */
const testFiles = [
  'test/*.test.ts',
  'test/{authkit,connect,connect-button,connections-list,diagnosis,endpoints,hardening,localization,script-tag}/*.test.ts',
  '!test/connect-button/connect-button-styles.test.ts',
  '!test/localization/{locale,set-strings}.test.ts',
  '!test/script-tag/load-locale.test.ts',
];
/**
 * The time limit in milliseconds for the tests of one mutant, based on their usual times. Only the likeliest tests run,
 * because all of them would take minutes for each mutant. A mutant may therefore survive although another test would
 * notice it.
 */
const maxTestTimeMs = 15_000;
/** Slower tests are skipped: they use thousands of random values, or huge ones. */
const maxTestMs = 5000;
/** Stores the result of the dry run, because Stryker may restart the runner. */
const baselineFile = 'baseline.json';

/**
 * Lets Stryker run the component tests, with the configuration of @web/test-runner for them. The browser and the
 * servers keep running between mutants. For each mutant, the tests that are likeliest to fail run (see likelihood.ts),
 * until the first failure.
 */
class ComponentTestRunner implements TestRunner {
  static readonly inject = tokens(commonTokens.logger);
  readonly #log: Logger;
  #runner: WebTestRunner | undefined;
  #setup: Setup = { shared: {}, prefix: '', baselineMs: {}, likely: [] };
  #baseline: Baseline = { durationsMs: {}, coverage: {} };
  #likelihood = new Likelihood(this.#baseline);
  /** IDs of tests that failed with a mutant, and passed without it in the same selection of tests. */
  readonly #trusted = new Set<string>();
  /** IDs of tests that also failed without the mutant. */
  readonly #untrusted = new Set<string>();

  constructor(log: Logger) {
    this.#log = log;
  }

  capabilities() {
    return { reloadEnvironment: true };
  }

  async dryRun({ testFiles: chosen }: DryRunOptions): Promise<DryRunResult> {
    const tests: TestResult[] = [];
    const coverage: MutantCoverage = { static: {}, perTest: {} };
    for (const session of await this.#start()) {
      if (chosen && !chosen.includes(session.testFile)) continue;
      const file = fileOf(session);
      const result = await this.#runFile(session, {});
      if ('hung' in result) {
        return { status: DryRunStatus.Error, errorMessage: `${file}: ${result.hung}` };
      }
      const { report, errors } = result;
      if (errors.length > 0) {
        return { status: DryRunStatus.Error, errorMessage: `${file}: ${errors.join('\n')}` };
      }
      const passed = report.outcomes.filter(({ failure }) => failure === undefined);
      for (const { id, durationMs } of passed) {
        this.#baseline.durationsMs[id] = durationMs;
        const fileName = resolve(file);
        tests.push({ id, name: id, fileName, timeSpentMs: durationMs, status: TestStatus.Success });
      }
      // A busy machine can cause this. It is a failure only when the suite itself runs.
      for (const { id, failure } of report.outcomes) {
        if (failure !== undefined)
          this.#log.warn(`Left out, because it fails without a mutant: ${id}: ${failure}`);
      }
      addCoverage(coverage, { ...report, outcomes: passed });
    }
    this.#baseline.coverage = coverage.perTest;
    this.#likelihood = new Likelihood(this.#baseline);
    writeFileSync(baselineFile, JSON.stringify(this.#baseline));
    return { status: DryRunStatus.Complete, tests, mutantCoverage: coverage };
  }

  async mutantRun({
    activeMutant,
    testFilter,
    hitLimit,
  }: MutantRunOptions): Promise<MutantRunResult> {
    const sessions = await this.#start();
    const { durationsMs } = this.#baseline;
    const { id } = activeMutant;
    const mutant = Number(id);
    // Stryker names no tests for mutants that run while a file loads, so all tests are candidates.
    const tests = (testFilter?.length ? testFilter : Object.keys(durationsMs)).filter(
      (test) => (durationsMs[test] ?? Infinity) < maxTestMs && !this.#untrusted.has(test),
    );
    const likely = this.#likelihood.choose(mutant, tests, maxTestTimeMs);
    let count = 0;
    const files = [...new Set(likely.map(fileOfTest))];
    for (const file of files) {
      const session = sessions.find((other) => fileOf(other) === file);
      if (!session) throw new Error(`There is no page for ${file}`);
      const testsOfFile = likely.filter(
        (test) => fileOfTest(test) === file && !this.#untrusted.has(test),
      );
      if (testsOfFile.length === 0) continue;
      const shared = { activeMutant: id, hitCount: 0, hitLimit };
      const result = await this.#runFile(session, shared, testsOfFile);
      if ('hung' in result) return { status: MutantRunStatus.Timeout, reason: result.hung };
      const { report, errors } = result;
      count += report.outcomes.length;
      const { hitCount = 0 } = report.shared;
      if (hitLimit !== undefined && hitCount > hitLimit) {
        return { status: MutantRunStatus.Timeout, reason: 'endless loop' };
      }
      const failed = report.outcomes.find(({ failure }) => failure !== undefined);
      if (!failed && errors.length === 0) continue;
      const killer = failed?.id ?? prefixOf(file);
      if (!(await this.#passesWithoutMutant(killer, session, report))) {
        // Run the file again without this test. A failing hook isn't a test, and would fail again.
        if (testsOfFile.includes(killer)) files.push(file);
        continue;
      }
      this.#likelihood.noteKill(mutant, killer);
      const failureMessage = failed?.failure ?? errors.join('\n');
      return failureMessage.startsWith('Timeout of ')
        ? { status: MutantRunStatus.Timeout, reason: `${killer}: ${failureMessage}` }
        : { status: MutantRunStatus.Killed, killedBy: [killer], failureMessage, nrOfTests: count };
    }
    // Without any test, the mutant hasn't survived.
    if (count === 0) return { status: MutantRunStatus.Error, errorMessage: 'No test was run.' };
    return { status: MutantRunStatus.Survived, nrOfTests: count };
  }

  async dispose(): Promise<void> {
    await this.#runner?.stop();
  }

  /**
   * Whether a test that failed with a mutant passes without one. It may depend on a test that was left out or runs
   * later here. Checked once for each test.
   */
  async #passesWithoutMutant(
    killer: string,
    session: TestSession,
    { outcomes }: PageReport,
  ): Promise<boolean> {
    if (this.#trusted.has(killer)) return true;
    const tests = outcomes.map(({ id }) => id);
    const result = await this.#runFile(session, {}, tests);
    const isPassing =
      !('hung' in result) &&
      result.errors.length === 0 &&
      result.report.outcomes.every(({ failure }) => failure === undefined);
    (isPassing ? this.#trusted : this.#untrusted).add(killer);
    if (!isPassing)
      this.#log.warn(
        `Ignored, because it fails without a mutant in this selection of tests: ${killer}`,
      );
    return isPassing;
  }

  /** Starts the browser and the servers once, without running any test. */
  async #start(): Promise<TestSession[]> {
    this.#runner ??= await this.#startRunner();
    return [...this.#runner.sessions.all()];
  }

  async #startRunner(): Promise<WebTestRunner> {
    if (existsSync(baselineFile)) {
      this.#baseline = JSON.parse(readFileSync(baselineFile, 'utf8')) as Baseline;
      this.#likelihood = new Likelihood(this.#baseline);
    }
    const path = pathToFileURL(resolve('test/runner/web-test-runner.config.ts'));
    const { default: config } = (await import(path.href)) as { default: TestRunnerConfig };
    const runner = await startTestRunner({
      config: {
        ...config,
        files: testFiles,
        // Tests run only on request.
        manual: true,
        reporters: [],
        // In Stryker's copy of the project, node_modules is a link.
        preserveSymlinks: true,
        plugins: [...(config.plugins ?? []), this.#plugin],
      },
      readCliArgs: false,
      readFileConfig: false,
      autoExitProcess: false,
    });
    const [launcher] = (runner?.browsers ?? []) as ChromeLauncher[];
    if (!runner || !launcher) throw new Error('web-test-runner did not start');
    await launcher.initialize(runner.config, runner.testFiles);
    // Keeps the browser open when no tests are left.
    runner.config.watch = true;
    for (const session of runner.sessions.all()) session.status = SESSION_STATUS.FINISHED;
    return runner;
  }

  /** Adds the set-up for the next run to the pages. */
  readonly #plugin: Plugin = {
    name: 'mutation',
    transform: ({ path, body }) => {
      const text = String(body);
      if (path === '/') {
        const scripts = `<script>window.mutationSetup = ${JSON.stringify(this.#setup)};</script>
<script type="module" src="/test/mutation/in-page.ts"></script>`;
        return { body: text.replace('<head>', `<head>${scripts}`), transformCache: false };
      }
      // Frames of tests load the one-file build. Those that can't access the parent page get at least the mutant's ID.
      if (path.startsWith('/dist/') && path.endsWith('.js')) {
        const shared = JSON.stringify(this.#setup.shared);
        const share = `try { window.__stryker__ ??= top.__stryker__ } catch {} window.__stryker__ ??= ${shared};`;
        return { body: `${share}\n${text}`, transformCache: false };
      }
      return undefined;
    },
  };

  async #runFile(
    session: TestSession,
    shared: Shared,
    /**
     * The order of the tests, as far as their suites allow. Without it, all tests of the file run in their own order.
     */
    tests?: string[],
  ): Promise<FileResult> {
    const runner = this.#runner;
    const framework = runner?.config.testFramework;
    if (!framework) throw new Error('web-test-runner has not been started');
    const prefix = prefixOf(fileOf(session));
    const baselineMs = tests
      ? Object.fromEntries(tests.map((id) => [id, this.#baseline.durationsMs[id] ?? 0]))
      : {};
    const names = tests?.map((id) =>
      id.slice(prefix.length).replace(/[^\p{L}\p{N} ]/gu, (character) => `\\${character}`),
    );
    this.#setup = { shared, prefix, baselineMs, likely: tests ?? [] };
    framework.config = {
      timeout: '10000',
      ...(names && { bail: true, grep: `^(${names.join('|')})$` }),
    };
    const limitMs = tests ? 15_000 + 3 * sum(Object.values(baselineMs)) : 180_000;
    runner.config.testsFinishTimeout = limitMs;
    // A page in an endless loop never answers, so its script is terminated.
    const hang = setTimeout(() => void this.#interrupt(session), limitMs + 1000);
    const finished = new Promise<TestSession>((resolve) => {
      const onUpdate = (updated: TestSession) => {
        if (updated.id !== session.id || updated.status !== SESSION_STATUS.FINISHED) return;
        runner.sessions.off('session-status-updated', onUpdate);
        resolve(updated);
      };
      runner.sessions.on('session-status-updated', onUpdate);
    });
    const { id, group, browser, testFile } = session;
    const newSession = {
      id,
      group,
      browser,
      testFile,
      debug: false as const,
      status: session.status,
    };
    await runner.runTests([
      { ...newSession, testRun: -1, errors: [], logs: [], request404s: [] },
    ] as Iterable<TestSession> as never);
    const { testCoverage, errors } = await finished;
    clearTimeout(hang);
    // Lets the runner finish its own handling first.
    await new Promise((resolve) => setTimeout(resolve));
    const messages = errors.map(({ message }) => message);
    const report = testCoverage as unknown as PageReport | undefined;
    return report ? { report, errors: messages } : { hung: messages.join('\n') || 'no report' };
  }

  async #interrupt({ id, browser }: TestSession): Promise<void> {
    const page = (browser as ChromeLauncher).getPage(id);
    const devtools = await page.createCDPSession();
    await devtools.send('Runtime.terminateExecution');
  }
}

const fileOf = ({ testFile }: TestSession): string => relative(process.cwd(), testFile);
const prefixOf = (file: string): string => `${file}: `;
const sum = (numbers: number[]): number => numbers.reduce((total, number) => total + number, 0);

/** Adds the coverage of one file. Coverage of hooks counts for all tests of the file. */
function addCoverage(all: MutantCoverage, { outcomes, shared }: PageReport): void {
  const { static: atLoad = {}, perTest = {} } = shared.mutantCoverage ?? {};
  add(all.static, atLoad);
  for (const { id } of outcomes) {
    const coverageOfTest = (all.perTest[id] ??= {});
    add(coverageOfTest, perTest[id] ?? {});
    add(coverageOfTest, perTest[betweenTests] ?? {});
  }
}

function add(all: Record<string, number>, more: Record<string, number>): void {
  for (const [id, hits] of Object.entries(more)) all[id] = (all[id] ?? 0) + hits;
}

export const strykerPlugins = [
  declareClassPlugin(PluginKind.TestRunner, 'component', ComponentTestRunner),
];
