import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { adviceFor, engines, findBrowser, type Browser, type Engine } from './browsers.js';
import { pgliteVersion, startDatabase } from './database.js';
import { subjectsOf } from './packages/subjects.js';
import { stopAll } from './processes.js';
import { report } from './report.js';
import {
  notRun,
  runComponentTests,
  runNodeTests,
  runScript,
  testFiles,
  type Result,
} from './suites.js';

const usage = `npm test -- [suite …] [--engine chromium|firefox|webkit …] [test file …]

Without arguments everything runs but "packages", which installs bundlers and frameworks; --all
runs that too. Suites: checks, component, sandbox, backend, end-to-end, visual, packages. --update
writes the pictures of "visual" anew; --only react-19 takes one bundler or framework.

  npm test -- component --engine firefox test/harness.test.ts
  npm test -- backend`;

const quickSuites = ['checks', 'component', 'sandbox', 'backend', 'end-to-end', 'visual'] as const;
const suites = [...quickSuites, 'packages'] as const;
type Suite = (typeof suites)[number];

/** On CI nothing may be left out: what is missing is a failure. */
const isCi = Boolean(process.env.CI) && process.env.CI !== 'false';
const results: Result[] = [];
const missing: string[] = [];

for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(name, () => {
    void stopAll().finally(() => process.exit(130));
  });
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    engine: { type: 'string', multiple: true },
    update: { type: 'boolean' },
    all: { type: 'boolean' },
    only: { type: 'string', multiple: true },
    help: { type: 'boolean' },
  },
});
const isSuite = (name: string): name is Suite => suites.some((suite) => suite === name);
const isEngine = (name: string): name is Engine => engines.some((engine) => engine === name);
const chosenFiles = positionals.filter((name) => !isSuite(name));
const wrong = [
  ...chosenFiles.filter((file) => !existsSync(file)),
  ...(values.engine ?? []).filter((engine) => !isEngine(engine)),
];
if (values.help || wrong.length > 0) {
  if (wrong.length > 0)
    console.error(`Neither a suite, an engine nor a file: ${wrong.join(', ')}\n`);
  console.log(usage);
  process.exit(wrong.length > 0 ? 1 : 0);
}

const folderOf = (suite: Suite): string => (suite === 'component' ? 'test' : `test/${suite}`);
const suiteOf = (file: string): Suite =>
  suites.find((suite) => file.startsWith(`test/${suite}/`)) ?? 'component';
const chosen = new Set<Suite>(
  positionals.length > 0
    ? [...positionals.filter(isSuite), ...chosenFiles.map(suiteOf)]
    : values.all
      ? suites
      : quickSuites,
);

/** The files to run for a suite; none, with a line in the table, where there are none. */
const filesFor = (suite: Suite): string[] => {
  if (!chosen.has(suite)) return [];
  const named = chosenFiles.filter((file) => suiteOf(file) === suite);
  const files = named.length > 0 ? named : testFiles(folderOf(suite));
  if (files.length === 0) results.push(notRun(suite, 'no test files', 1));
  return files;
};

const leftOut = (suite: Suite, what: string, advice: string): Result => {
  missing.push(`${what} (${advice})`);
  return notRun(suite, `${what} missing`, isCi ? 1 : 0);
};

const browsers = new Map<Engine, Browser | undefined>();
const browserFor = (engine: Engine): Browser | undefined => {
  if (!browsers.has(engine)) browsers.set(engine, findBrowser(engine));
  return browsers.get(engine);
};

/** Runs one suite. What keeps it from running is a failure of that suite, not the end of the run. */
const attempt = async (suite: Suite, run: () => Promise<Result>): Promise<void> => {
  try {
    results.push(await run());
  } catch (error) {
    console.error(error);
    results.push(notRun(suite, 'could not be run', 1));
  }
};

/** Runs a suite in an engine, where this machine has it. */
const attemptIn = async (
  engine: Engine,
  suite: Suite,
  run: (browser: Browser) => Promise<Result>,
): Promise<void> => {
  const browser = browserFor(engine);
  if (browser) await attempt(suite, () => run(browser));
  else results.push(leftOut(suite, engine, adviceFor(engine)));
};

/** For tests that open pages themselves, by playwright-core. */
const runInBrowser = (suite: Suite, browser: Browser, files: string[]): Promise<Result> =>
  runNodeTests(suite, browser.version, files, {
    CHROMIUM_PATH: browser.executablePath,
    VISUAL_UPDATE: String(values.update ?? false),
  });

const packageFiles = filesFor('packages');
const endToEndFiles = filesFor('end-to-end');
const visualFiles = filesFor('visual');
if (chosen.has('checks')) {
  for (const script of ['check:format', 'check:lint', 'check:types', 'check:manifest']) {
    await attempt('checks', () => runScript(script));
  }
}
const componentFiles = filesFor('component');
// The one-file build is the second copy of the library in some tests, and what end-to-end tests load.
const needBuild = [endToEndFiles, visualFiles, componentFiles, packageFiles];
if (chosen.has('checks') || needBuild.flat().length > 0) {
  await attempt('checks', () => runScript('build'));
  await attempt('checks', () => runScript('check:package'));
}
if (componentFiles.length > 0) {
  for (const engine of engines.filter((name) => values.engine?.includes(name) ?? true)) {
    await attemptIn(engine, 'component', (browser) => runComponentTests(browser, componentFiles));
  }
}

const sandboxFiles = filesFor('sandbox');
if (sandboxFiles.length > 0) {
  await attemptIn('chromium', 'sandbox', (browser) =>
    runInBrowser('sandbox', browser, sandboxFiles),
  );
}

const backendFiles = filesFor('backend');
if (backendFiles.length > 0) {
  const runOn = (version: string, url?: string): Promise<Result> =>
    runNodeTests('backend', version, backendFiles, { TEST_DATABASE_URL: url });
  await attempt('backend', () => runOn(pgliteVersion()));
  await attempt('backend', async () => {
    const database = await startDatabase();
    if (!database) return leftOut('backend', 'PostgreSQL', 'apt-get install postgresql');
    try {
      return await runOn(database.version, database.url);
    } finally {
      await database.stop();
    }
  });
}

if (endToEndFiles.length > 0) {
  await attemptIn('chromium', 'end-to-end', (browser) =>
    runInBrowser('end-to-end', browser, endToEndFiles),
  );
}

if (visualFiles.length > 0) {
  await attemptIn('chromium', 'visual', (browser) => runInBrowser('visual', browser, visualFiles));
}

for (const file of packageFiles) {
  for (const { folder, versions } of subjectsOf(file, values.only)) {
    await attemptIn('chromium', 'packages', (browser) =>
      runNodeTests('packages', versions, [file], {
        CHROMIUM_PATH: browser.executablePath,
        PACKAGES_SUBJECT: folder,
      }),
    );
  }
}

const { passed, failed } = report(results, missing);
// Where nothing could be run, nothing is known.
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
