import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import {
  adviceFor,
  chromiumShell,
  engines,
  findBrowser,
  type Browser,
  type Engine,
} from './browsers.js';
import {
  docsBuild,
  isUpToDate,
  packageBuild,
  siteBuild,
  type Build,
} from '../../.config/build-records.js';
import { findPgbouncer } from '../backend/pgbouncer.js';
import { pgliteVersion, startDatabase } from './database.js';
import { subjectsOf } from '../packages/subjects.js';
import { stopAll } from './processes.js';
import { report } from './report.js';
import { isSuite, quickSuites, suiteOf, suites, type Suite } from './suite-names.js';
import {
  notRun,
  runComponentTests,
  runTogether,
  runNodeTests,
  runScript,
  testFiles,
  type Result,
} from './suites.js';

const usage = `npm test -- [suite …] [--engine chromium|firefox|webkit …] [test file …]

Without arguments, runs the suites that everyday changes break, in Chromium and on the embedded database:
checks, release (workflows and the files of a release), component, backend, end-to-end and visual.

--all     every suite, in all engines and on PostgreSQL too. The others are sandbox (the stand-ins for Pica),
          host-pages (policies, frames, networks), accessibility (keyboard and screen reader), commands (the
          demo's and the doctor's), site (the other pages of the demo, and the documentation), endurance, and
          packages (bundlers, frameworks, backends, a CMS)
--update  replaces the pictures of "visual" and the trees of "accessibility"
--only    one bundler, framework, backend or CMS, for example --only react-19

  npm test -- component --engine firefox test/runner/harness.test.ts
  npm test -- backend`;

/** On CI, a missing engine or database is a failure. */
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
const isEngine = (name: string): name is Engine => engines.some((engine) => engine === name);
const chosenFiles = positionals.filter((name) => !isSuite(name));
const unknown = [
  ...chosenFiles.filter((file) => !existsSync(file)),
  ...(values.engine ?? []).filter((engine) => !isEngine(engine)),
];
if (values.help || unknown.length > 0) {
  if (unknown.length > 0)
    console.error(`Neither a suite, an engine nor a file: ${unknown.join(', ')}\n`);
  console.log(usage);
  process.exit(unknown.length > 0 ? 1 : 0);
}

const chosen = new Set<Suite>(
  positionals.length > 0
    ? [...positionals.filter(isSuite), ...chosenFiles.map(suiteOf)]
    : values.all
      ? suites
      : quickSuites,
);

/** The test files to run. If a chosen suite has none, the table shows a failure. */
const filesFor = (suite: Suite): string[] => {
  if (!chosen.has(suite)) return [];
  const named = chosenFiles.filter((file) => suiteOf(file) === suite);
  const files =
    named.length > 0 ? named : testFiles('test').filter((file) => suiteOf(file) === suite);
  if (files.length === 0) results.push(notRun(suite, 'no test files', 1));
  return files;
};

const missingResult = (suite: Suite, what: string, advice: string): Result => {
  const line = `${what} (${advice})`;
  if (!missing.includes(line)) missing.push(line);
  return notRun(suite, `${what} missing`, isCi ? 1 : 0);
};

const browsers = new Map<Engine, Browser | undefined>();
const browserFor = (engine: Engine): Browser | undefined => {
  if (!browsers.has(engine)) browsers.set(engine, findBrowser(engine));
  return browsers.get(engine);
};

/** Runs one suite. If it can't be run, that is a failure of this suite, and the others still run. */
const attempt = async (suite: Suite, run: () => Promise<Result>): Promise<void> => {
  try {
    results.push(await run());
  } catch (error) {
    console.error(error);
    results.push(notRun(suite, 'could not be run', 1));
  }
};

/** Runs a suite in an engine, if this machine has that engine. */
const attemptIn = async (
  engine: Engine,
  suite: Suite,
  run: (browser: Browser) => Promise<Result>,
): Promise<void> => {
  const browser = browserFor(engine);
  if (browser) await attempt(suite, () => run(browser));
  else results.push(missingResult(suite, engine, adviceFor(engine)));
};

/** Runs a suite in Node. Its tests open pages in Chromium with playwright-core. */
const inChromium = async (
  suite: Suite,
  files: string[],
  { on, ...environment }: NodeJS.ProcessEnv & { on?: string } = {},
): Promise<void> => {
  await attemptIn('chromium', suite, (browser) =>
    runNodeTests(suite, on ?? browser.version, files, {
      CHROMIUM_PATH: browser.executablePath,
      CHROMIUM_SHELL_PATH: chromiumShell(),
      BASELINES_UPDATE: String(values.update ?? false),
      ...environment,
    }),
  );
};

const releaseFiles = filesFor('release');
const componentFiles = filesFor('component');
const sandboxFiles = filesFor('sandbox');
const backendFiles = filesFor('backend');
const endToEndFiles = filesFor('end-to-end');
const visualFiles = filesFor('visual');
const hostPageFiles = filesFor('host-pages');
const accessibilityFiles = filesFor('accessibility');
const commandFiles = filesFor('commands');
const siteFiles = filesFor('site');
const enduranceFiles = filesFor('endurance');
const packageFiles = filesFor('packages');

/** Builds what is older than its sources. Each build counts as a test. */
const buildIfOutdated = async (build: Build): Promise<void> => {
  if (!isUpToDate(build)) await attempt('checks', () => runScript('build', build.name));
};

/** Builds what the chosen tests load. */
const build = async (): Promise<void> => {
  const needSite = [
    endToEndFiles,
    hostPageFiles,
    accessibilityFiles,
    commandFiles,
    siteFiles,
  ].flat();
  const needPackage = [
    releaseFiles,
    componentFiles,
    visualFiles,
    enduranceFiles,
    packageFiles,
    needSite,
  ].flat();
  if (chosen.has('checks') || needPackage.length > 0) await buildIfOutdated(packageBuild);
  if (needSite.length > 0) await buildIfOutdated(siteBuild);
  if (needSite.length > 0 || packageFiles.length > 0) await buildIfOutdated(docsBuild);
};

/** With --all, or when something is named: every engine and database. Otherwise one of each. */
const isThorough = values.all === true || positionals.length > 0;

const isAsked = (engine: Engine): boolean =>
  values.engine?.includes(engine) ?? (isThorough || engine === 'chromium');

type Task = () => Promise<void>;

const check = (name: string): Task[] =>
  chosen.has('checks') ? [() => attempt('checks', () => runScript('check', name))] : [];

const component = (engine: Engine): Task[] => {
  if (componentFiles.length === 0 || !isAsked(engine)) return [];
  // Only complete runs have a meaningful coverage, and only Chromium counts it.
  const countsCoverage = values.all === true && engine === 'chromium';
  const run = (browser: Browser) => runComponentTests(browser, componentFiles, { countsCoverage });
  return [() => attemptIn(engine, 'component', run)];
};

const backendOnPglite = (): Task[] => {
  if (backendFiles.length === 0) return [];
  return [() => attempt('backend', () => runNodeTests('backend', pgliteVersion(), backendFiles))];
};

const backendOnPostgres = (): Task[] => {
  if (backendFiles.length === 0 || !isThorough) return [];
  const run = async (): Promise<Result> => {
    // The tests behind a pooler skip themselves without it, which nobody would notice.
    if (!(await findPgbouncer()))
      results.push(missingResult('backend', 'PgBouncer', 'apt-get install pgbouncer'));
    const database = await startDatabase();
    if (!database) return missingResult('backend', 'PostgreSQL', 'apt-get install postgresql');
    try {
      return await runNodeTests('backend', database.version, backendFiles, {
        TEST_DATABASE_URL: database.url,
      });
    } finally {
      await database.stop();
    }
  };
  return [() => attempt('backend', run)];
};

const release = (): Task[] => {
  if (releaseFiles.length === 0) return [];
  return [() => attempt('release', () => runNodeTests('release', '', releaseFiles))];
};

/** A suite that is run by Node, with Chromium for its pages. */
const pages = (suite: Suite, files: string[]): Task[] =>
  files.length > 0 ? [() => inChromium(suite, files)] : [];

/** A task for each bundler, framework, backend and CMS. Each is installed and built in a folder of its own. */
const packages = async (): Promise<Task[]> => {
  const tasks = packageFiles.map(async (file) =>
    (await subjectsOf(file, values.only)).map(({ folder, versions, advice }) => async () => {
      if (advice !== undefined) results.push(missingResult('packages', versions, advice));
      else await inChromium('packages', [file], { on: versions, PACKAGES_SUBJECT: folder });
    }),
  );
  return (await Promise.all(tasks)).flat();
};

await build();
// The longest first, so that both cores have work until the end.
await runTogether(
  [
    ...backendOnPostgres(),
    ...component('firefox'),
    ...backendOnPglite(),
    ...component('chromium'),
    ...pages('endurance', enduranceFiles),
    ...component('webkit'),
    ...pages('end-to-end', endToEndFiles),
    ...pages('site', siteFiles),
    ...check('lint'),
    ...pages('host-pages', hostPageFiles),
  ],
  2,
);
// Three at a time, because these wait for installations, servers and time limits: two use only two thirds of two cores.
await runTogether(
  [
    ...(await packages()),
    ...pages('commands', commandFiles),
    ...check('types'),
    ...pages('sandbox', sandboxFiles),
    ...pages('visual', visualFiles),
    ...pages('accessibility', accessibilityFiles),
    ...check('format'),
    ...release(),
    ...check('package'),
    ...check('manifest'),
    ...check('size'),
  ],
  3,
);

const { passed, failed } = report(results, missing);
// A run without any test is no success.
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
