import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { adviceFor, engines, findBrowser, type Browser, type Engine } from './browsers.js';
import { startDatabase } from './database.js';
import { stopAll } from './processes.js';
import { report } from './report.js';
import {
  notRun,
  pgliteVersion,
  runComponentTests,
  runNodeTests,
  runScript,
  testFiles,
  type Result,
} from './suites.js';

const usage = `npm test -- [suite …] [--engine chromium|firefox|webkit …] [test file …]

Without arguments everything runs. Suites: checks, component, sandbox, backend, end-to-end.

  npm test -- component --engine firefox test/harness.test.ts
  npm test -- backend`;

const suites = ['checks', 'component', 'sandbox', 'backend', 'end-to-end'] as const;
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
  options: { engine: { type: 'string', multiple: true }, help: { type: 'boolean' } },
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
  positionals.length > 0 ? [...positionals.filter(isSuite), ...chosenFiles.map(suiteOf)] : suites,
);

/** The files to run for a suite; none, with a line in the table, where there are none. */
const filesFor = (suite: Suite): string[] => {
  if (!chosen.has(suite)) return [];
  const named = chosenFiles.filter((file) => suiteOf(file) === suite);
  const files = named.length > 0 ? named : testFiles(folderOf(suite));
  if (files === undefined) console.log(`\n── ${suite}: there is no folder ${folderOf(suite)} yet`);
  else if (files.length === 0) results.push(notRun(suite, 'no test files', 1));
  return files ?? [];
};

const leaveOut = (suite: Suite, what: string, advice: string): void => {
  missing.push(`${what} (${advice})`);
  results.push(notRun(suite, `${what} missing`, isCi ? 1 : 0));
};

const browsers = new Map<Engine, Browser | undefined>();
const browserFor = (engine: Engine): Browser | undefined => {
  if (!browsers.has(engine)) browsers.set(engine, findBrowser(engine));
  return browsers.get(engine);
};

if (chosen.has('checks')) {
  for (const script of ['check:format', 'check:lint', 'check:types']) {
    results.push(await runScript(script));
  }
}

const endToEndFiles = filesFor('end-to-end');
if (chosen.has('checks') || endToEndFiles.length > 0) results.push(await runScript('build'));

const componentFiles = filesFor('component');
for (const engine of componentFiles.length > 0 ? engines : []) {
  if (values.engine && !values.engine.includes(engine)) continue;
  const browser = browserFor(engine);
  if (browser) results.push(await runComponentTests(browser, componentFiles));
  else leaveOut('component', engine, adviceFor(engine));
}

const sandboxFiles = filesFor('sandbox');
if (sandboxFiles.length > 0) results.push(await runNodeTests('sandbox', '', sandboxFiles));

const backendFiles = filesFor('backend');
if (backendFiles.length > 0) {
  results.push(
    await runNodeTests('backend', pgliteVersion(), backendFiles, { TEST_DATABASE_URL: undefined }),
  );
  const database = await startDatabase();
  try {
    if (database) {
      results.push(
        await runNodeTests('backend', database.version, backendFiles, {
          TEST_DATABASE_URL: database.url,
        }),
      );
    } else leaveOut('backend', 'PostgreSQL', 'apt-get install postgresql');
  } finally {
    await database?.stop();
  }
}

if (endToEndFiles.length > 0) {
  const browser = browserFor('chromium');
  if (browser) {
    results.push(
      await runNodeTests('end-to-end', browser.version, endToEndFiles, {
        CHROMIUM_PATH: browser.executablePath,
      }),
    );
  } else leaveOut('end-to-end', 'chromium', adviceFor('chromium'));
}

const { failed } = report(results, missing);
process.exitCode = failed > 0 ? 1 : 0;
