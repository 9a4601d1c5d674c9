import { parseArgs } from 'node:util';
import { Stryker } from '@stryker-mutator/core';
import { chromiumShell, findBrowser } from '../runner/browsers.js';

/*
 * What of src/ no test holds: npm run mutation -- src/endpoints/url.ts
 * With test files named too, what these alone hold, in minutes: … -- src/events.ts test/events.test.ts
 *
 * Each source file is changed in many small ways, one at a time, and the component tests that reach the place are
 * run in Chromium. A change that no test notices is listed: either a test is missing, or the code does nothing, or
 * the change makes no difference. All of it, to be looked at, is in .test-results/mutation.
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

// For Stryker's own processes, which load the plugins too.
process.env.NODE_OPTIONS = `${process.env.NODE_OPTIONS ?? ''} --import tsx`;

const isTest = (file: string) => file.startsWith('test/');
const sources = positionals.filter((file) => !isTest(file));
const tests = positionals.filter(isTest);

const beside = (name: string) => new URL(name, import.meta.url).href;
const folder = '.test-results/mutation';

const results = await new Stryker({
  mutate:
    sources.length > 0
      ? sources
      : [
          'src/{authkit,endpoints}/*.ts',
          'src/connect/preload.ts',
          'src/{normalize-connections,integration}.ts',
          // Nothing but CSS.
          '!src/**/*.styles.ts',
        ],
  ...(tests.length > 0 && { testFiles: tests }),
  plugins: ['component-runner', 'ignore-prose', 'each-mutant'].map((name) => beside(`${name}.ts`)),
  testRunner: 'component',
  ignorers: ['prose'],
  coverageAnalysis: 'perTest',
  // Pages share the machine's focus and its clock.
  concurrency: 1,
  // The copy in which it happens: what the component tests need, and the one file built of what is mutated.
  tempDirName: `${folder}/copies`,
  ignorePatterns: [
    '**',
    '!src/**',
    '!test/**',
    '!.config/**',
    '!{package,tsconfig}.json',
    '!vite.config.ts',
  ],
  buildCommand: 'node --import tsx test/mutation/build.ts',
  // Each page has a limit of its own, in component-runner.ts; this one is for what it does not see.
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
