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
import { fileOfTest, type Known, Likelihood } from './likelihood.js';

type Plugin = NonNullable<TestRunnerConfig['plugins']>[number];

/** What one test file showed; `hung`, with no report, where its page did not come to an end. */
type FileResult = { report: PageReport; errors: string[] } | { hung: string };

/**
 * The component tests, but for those that are only about how things look, what they are called and in which
 * language: what they would find in these sources, others find sooner.
 */
const testFiles = [
  'test/*.test.ts',
  'test/{authkit,connect,connect-button,connections-list,diagnosis,endpoints,hardening,localization,script-tag}/*.test.ts',
  '!test/connect-button/connect-button-styles.test.ts',
  '!test/localization/{locale,set-strings}.test.ts',
  '!test/script-tag/load-locale.test.ts',
];
/**
 * Milliseconds of tests that are run for one mutant, as long as they took without one. What the likeliest do not
 * notice counts as unnoticed, though another test may notice it: to run them all takes minutes a mutant.
 */
const enough = 15_000;
/** Tests that take more milliseconds are of thousands of random or of huge things: too dear here. */
const longestTest = 5000;
/** Where what the first run shows is kept, for a runner that Stryker has to start anew. */
const knownFile = 'known.json';

/**
 * Lets Stryker run the component tests: @web/test-runner as it is configured for them, with a browser and
 * servers that stay there from one mutant to the next. Of a mutant's tests the likeliest to fail are
 * run, see likelihood.ts, and nothing more once one fails.
 */
class ComponentTestRunner implements TestRunner {
  static readonly inject = tokens(commonTokens.logger);
  readonly #log: Logger;
  #runner: WebTestRunner | undefined;
  #setup: Setup = { shared: {}, prefix: '', usual: {}, likely: [] };
  #known: Known = { times: {}, coverage: {} };
  #likelihood = new Likelihood(this.#known);
  /** Ids of tests that passed, without any mutant, in the company in which they had failed with one. */
  readonly #trusted = new Set<string>();
  /** Ids of those that did not. */
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
      for (const { id, took } of passed) {
        this.#known.times[id] = took;
        const fileName = resolve(file);
        tests.push({ id, name: id, fileName, timeSpentMs: took, status: TestStatus.Success });
      }
      // On a machine that is busy. The suite itself is where that is a failure.
      for (const { id, failure } of report.outcomes) {
        if (failure !== undefined)
          this.#log.warn(`Left out, as it fails without any mutant: ${id}: ${failure}`);
      }
      addCoverage(coverage, { ...report, outcomes: passed });
    }
    this.#known.coverage = coverage.perTest;
    this.#likelihood = new Likelihood(this.#known);
    writeFileSync(knownFile, JSON.stringify(this.#known));
    return { status: DryRunStatus.Complete, tests, mutantCoverage: coverage };
  }

  async mutantRun({
    activeMutant,
    testFilter,
    hitLimit,
  }: MutantRunOptions): Promise<MutantRunResult> {
    const sessions = await this.#start();
    const { times } = this.#known;
    const { id } = activeMutant;
    const place = Number(id);
    // What is met while a file loads counts for all of them: Stryker names none.
    const tests = (testFilter?.length ? testFilter : Object.keys(times)).filter(
      (test) => (times[test] ?? Infinity) < longestTest && !this.#untrusted.has(test),
    );
    const likely = this.#likelihood.choose(place, tests, enough);
    let count = 0;
    const files = [...new Set(likely.map(fileOfTest))];
    for (const file of files) {
      const session = sessions.find((other) => fileOf(other) === file);
      if (!session) throw new Error(`There is no page for ${file}`);
      const own = likely.filter((test) => fileOfTest(test) === file && !this.#untrusted.has(test));
      if (own.length === 0) continue;
      const shared = { activeMutant: id, hitCount: 0, hitLimit };
      const result = await this.#runFile(session, shared, own);
      if ('hung' in result) return { status: MutantRunStatus.Timeout, reason: result.hung };
      const { report, errors } = result;
      count += report.outcomes.length;
      const { hitCount = 0 } = report.shared;
      if (hitLimit !== undefined && hitCount > hitLimit) {
        return { status: MutantRunStatus.Timeout, reason: 'it goes round and round' };
      }
      const failed = report.outcomes.find(({ failure }) => failure !== undefined);
      if (!failed && errors.length === 0) continue;
      const killer = failed?.id ?? prefixOf(file);
      if (!(await this.#mayBeTrusted(killer, session, report))) {
        // Once more, without it. A hook that fails is none of the tests, and would fail again.
        if (own.includes(killer)) files.push(file);
        continue;
      }
      this.#likelihood.noteKill(place, killer);
      const failureMessage = failed?.failure ?? errors.join('\n');
      return failureMessage.startsWith('Timeout of ')
        ? { status: MutantRunStatus.Timeout, reason: `${killer}: ${failureMessage}` }
        : { status: MutantRunStatus.Killed, killedBy: [killer], failureMessage, nrOfTests: count };
    }
    // Nothing has been learnt where nothing was run.
    if (count === 0) return { status: MutantRunStatus.Error, errorMessage: 'No test was run.' };
    return { status: MutantRunStatus.Survived, nrOfTests: count };
  }

  async dispose(): Promise<void> {
    await this.#runner?.stop();
  }

  /**
   * Whether what failed with a mutant passes without one: a test may need another before it that was left out
   * or comes later now. Looked at once for each test.
   */
  async #mayBeTrusted(
    killer: string,
    session: TestSession,
    { outcomes }: PageReport,
  ): Promise<boolean> {
    if (this.#trusted.has(killer)) return true;
    const tests = outcomes.map(({ id }) => id);
    const result = await this.#runFile(session, {}, tests);
    const isFine =
      !('hung' in result) &&
      result.errors.length === 0 &&
      result.report.outcomes.every(({ failure }) => failure === undefined);
    (isFine ? this.#trusted : this.#untrusted).add(killer);
    if (!isFine)
      this.#log.warn(`Kills nothing, as it fails in other company without any mutant: ${killer}`);
    return isFine;
  }

  /** Starts the browser and the servers, once. Nothing is run yet. */
  async #start(): Promise<TestSession[]> {
    this.#runner ??= await this.#startRunner();
    return [...this.#runner.sessions.all()];
  }

  async #startRunner(): Promise<WebTestRunner> {
    if (existsSync(knownFile)) {
      this.#known = JSON.parse(readFileSync(knownFile, 'utf8')) as Known;
      this.#likelihood = new Likelihood(this.#known);
    }
    const path = pathToFileURL(resolve('test/runner/web-test-runner.config.ts'));
    const { default: config } = (await import(path.href)) as { default: TestRunnerConfig };
    const runner = await startTestRunner({
      config: {
        ...config,
        files: testFiles,
        // Nothing is run before it is asked for.
        manual: true,
        reporters: [],
        // Stryker's copy of the project has a link for node_modules.
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
    // Neither stops nor closes the browser when there is nothing more to run.
    runner.config.watch = true;
    for (const session of runner.sessions.all()) session.status = SESSION_STATUS.FINISHED;
    return runner;
  }

  /** Gives the pages what they need to know. */
  readonly #plugin: Plugin = {
    name: 'mutation',
    transform: ({ path, body }) => {
      const text = String(body);
      if (path === '/') {
        const scripts = `<script>window.mutationSetup = ${JSON.stringify(this.#setup)};</script>
<script type="module" src="/test/mutation/in-page.ts"></script>`;
        return { body: text.replace('<head>', `<head>${scripts}`), transformCache: false };
      }
      // The one file, in frames of a test: those that may not look at the page around them know the mutant at least.
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
    /** In the order in which they are run, as far as suites allow; without them, all of the file as it is. */
    tests?: string[],
  ): Promise<FileResult> {
    const runner = this.#runner;
    const framework = runner?.config.testFramework;
    if (!framework) throw new Error('web-test-runner has not been started');
    const prefix = prefixOf(fileOf(session));
    const usual = tests
      ? Object.fromEntries(tests.map((id) => [id, this.#known.times[id] ?? 0]))
      : {};
    const names = tests?.map((id) =>
      id.slice(prefix.length).replace(/[^\p{L}\p{N} ]/gu, (sign) => `\\${sign}`),
    );
    this.#setup = { shared, prefix, usual, likely: tests ?? [] };
    framework.config = {
      timeout: '10000',
      ...(names && { bail: true, grep: `^(${names.join('|')})$` }),
    };
    const limit = tests ? 15_000 + 3 * sum(Object.values(usual)) : 180_000;
    runner.config.testsFinishTimeout = limit;
    // A page that is busy for ever answers nobody.
    const hang = setTimeout(() => void this.#interrupt(session), limit + 1000);
    const finished = new Promise<TestSession>((resolve) => {
      const onUpdate = (updated: TestSession) => {
        if (updated.id !== session.id || updated.status !== SESSION_STATUS.FINISHED) return;
        runner.sessions.off('session-status-updated', onUpdate);
        resolve(updated);
      };
      runner.sessions.on('session-status-updated', onUpdate);
    });
    const { id, group, browser, testFile } = session;
    const fresh = { id, group, browser, testFile, debug: false as const, status: session.status };
    await runner.runTests([
      { ...fresh, testRun: -1, errors: [], logs: [], request404s: [] },
    ] as Iterable<TestSession> as never);
    const { testCoverage, errors } = await finished;
    clearTimeout(hang);
    // After the runner has noted that it is done.
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

/** What one file's tests have met. What hooks of its suites have met counts for each of its tests. */
function addCoverage(all: MutantCoverage, { outcomes, shared }: PageReport): void {
  const { static: atLoad = {}, perTest = {} } = shared.mutantCoverage ?? {};
  add(all.static, atLoad);
  for (const { id } of outcomes) {
    const own = (all.perTest[id] ??= {});
    add(own, perTest[id] ?? {});
    add(own, perTest[betweenTests] ?? {});
  }
}

function add(all: Record<string, number>, more: Record<string, number>): void {
  for (const [id, hits] of Object.entries(more)) all[id] = (all[id] ?? 0) + hits;
}

export const strykerPlugins = [
  declareClassPlugin(PluginKind.TestRunner, 'component', ComponentTestRunner),
];
