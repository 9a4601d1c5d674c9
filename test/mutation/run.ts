import { parseArgs } from 'node:util';
import { Stryker } from '@stryker-mutator/core';
import { chromiumShell, findBrowser } from '../runner/browsers.js';

/*
 * Finds what no test of src/ checks: npm run mutation -- src/endpoints/url.ts
 * With test files, finds what these alone don't check, in minutes: … -- src/events.ts test/events.test.ts
 *
 * Changes each source file in many small ways, one at a time, and runs the component tests that reach the change in
 * Chromium. Lists the changes that no test notices: a test is missing, or the code does nothing, or the change makes no
 * difference. The full report is in .test-results/mutation.
 */

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { incremental: { type: 'boolean' } },
});

const browser = findBrowser('chromium');
if (!browser)
  throw new Error('Chromium is missing: apt-get install chromium chromium-headless-shell');
process.env.TEST_ENGINE = 'chromium';
process.env.TEST_BROWSER = chromiumShell() ?? browser.executablePath;

// Stryker's own processes load the plugins too.
process.env.NODE_OPTIONS = `${process.env.NODE_OPTIONS ?? ''} --import tsx`;

const isTest = (file: string) => file.startsWith('test/');
const sources = positionals.filter((file) => !isTest(file));
const tests = positionals.filter(isTest);

const siblingUrl = (name: string) => new URL(name, import.meta.url).href;
const folder = '.test-results/mutation';

const results = await new Stryker({
  mutate:
    sources.length > 0
      ? sources
      : [
          'src/{authkit,endpoints}/*.ts',
          'src/connect/preload.ts',
          'src/{normalize-connections,integration}.ts',
          // Only CSS.
          '!src/**/*.styles.ts',
        ],
  ...(tests.length > 0 && { testFiles: tests }),
  plugins: ['component-runner', 'ignore-prose', 'each-mutant'].map((name) =>
    siblingUrl(`${name}.ts`),
  ),
  testRunner: 'component',
  ignorers: ['prose'],
  coverageAnalysis: 'perTest',
  // Pages share the machine's focus and clock.
  concurrency: 1,
  // The files that are copied for the run. The component tests and the one-file build need them.
  tempDirName: `${folder}/copies`,
  ignorePatterns: [
    '**',
    '!src/**',
    '!test/**',
    '!demo/docs/error-pages.ts',
    '!.config/**',
    '!{package,tsconfig}.json',
    '!vite.config.ts',
  ],
  buildCommand: 'node --import tsx test/mutation/build.ts',
  // component-runner.ts limits each page. This limit is for anything else.
  timeoutMS: 600_000,
  dryRunTimeoutMinutes: 20,
  incremental: values.incremental ?? false,
  incrementalFile: `${folder}/incremental.json`,
  reporters: ['each-mutant', 'clear-text', 'html', 'json'],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  htmlReporter: { fileName: `${folder}/index.html` },
  jsonReporter: { fileName: `${folder}/report.json` },
  thresholds: { high: 95, low: 90, break: 90 },
}).runMutationTest();
console.log(`${String(results.length)} mutants`);
