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
  runLanes,
  runNodeTests,
  runScript,
  testFiles,
  type Result,
} from './suites.js';

const usage = `npm test -- [suite …] [--engine chromium|firefox|webkit …] [test file …]

Without arguments what a change may break at once is run, in Chromium and on the embedded database:
checks, release (the workflows, and what a release consists of), component, backend, end-to-end, visual.
--all runs them in every engine and on PostgreSQL too, and the others: sandbox (the stand-ins for Pica), host-pages (policies, frames, networks), accessibility
(by keyboard and accessibility tree), commands (the demo's and the doctor's), site (the demo's other pages,
and the documentation), endurance, and packages (bundlers, frameworks, backends, a CMS). --update writes
the pictures of "visual" and the trees of "accessibility" anew; --only react-19 takes one bundler,
framework, backend or CMS.

  npm test -- component --engine firefox test/runner/harness.test.ts
  npm test -- backend`;

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
  const files =
    named.length > 0 ? named : testFiles('test').filter((file) => suiteOf(file) === suite);
  if (files.length === 0) results.push(notRun(suite, 'no test files', 1));
  return files;
};

const leftOut = (suite: Suite, what: string, advice: string): Result => {
  const line = `${what} (${advice})`;
  if (!missing.includes(line)) missing.push(line);
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

/** The suites that are run by Node, with Chromium where they open pages by playwright-core. */
const inChromium = async (
  suite: Suite,
  files: string[],
  { on, ...environment }: NodeJS.ProcessEnv & { on?: string } = {},
): Promise<void> => {
  if (files.length === 0) return;
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

/** Counts as a test when something is built. On CI, where nothing is built yet, that is everything. */
const buildIfOutdated = async (build: Build): Promise<void> => {
  if (isUpToDate(build)) return;
  await attempt('checks', () => runScript('build', build.name));
};

const check = async (): Promise<void> => {
  const runChecks = async (names: string[]): Promise<void> => {
    for (const name of names) await attempt('checks', () => runScript('check', name));
  };
  if (chosen.has('checks')) {
    await runLanes([() => runChecks(['format', 'lint']), () => runChecks(['types', 'manifest'])]);
  }
  // The one-file build is the second copy of the library in some tests, and what end-to-end tests load.
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
  if (chosen.has('checks')) await runChecks(['package', 'size']);
  if (needSite.length > 0) await buildIfOutdated(siteBuild);
  if (needSite.length > 0 || packageFiles.length > 0) await buildIfOutdated(docsBuild);
};

/** With --all, or when something is named: every engine and database. Else one of each, in under ten minutes. */
const isThorough = values.all === true || positionals.length > 0;

const isAsked = (engine: Engine): boolean =>
  values.engine?.includes(engine) ?? (isThorough || engine === 'chromium');

const component = async (engine: Engine): Promise<void> => {
  if (componentFiles.length === 0 || !isAsked(engine)) return;
  // Of all of them, and in Chromium, which alone counts it.
  const countsCoverage = values.all === true && engine === 'chromium';
  await attemptIn(engine, 'component', (browser) =>
    runComponentTests(browser, componentFiles, { countsCoverage }),
  );
};

const backend = async (): Promise<void> => {
  if (backendFiles.length === 0) return;
  const runOn = (version: string, url?: string): Promise<Result> =>
    runNodeTests('backend', version, backendFiles, { TEST_DATABASE_URL: url });
  await attempt('backend', () => runOn(pgliteVersion()));
  if (!isThorough) return;
  await attempt('backend', async () => {
    const database = await startDatabase();
    if (!database) return leftOut('backend', 'PostgreSQL', 'apt-get install postgresql');
    try {
      return await runOn(database.version, database.url);
    } finally {
      await database.stop();
    }
  });
  await reportWithoutPooler('backend');
};

/** What is behind a pooler is skipped by the tests themselves, which nobody would see. */
const reportWithoutPooler = async (suite: Suite): Promise<void> => {
  if (await findPgbouncer()) return;
  results.push(leftOut(suite, 'PgBouncer', 'apt-get install pgbouncer'));
};

/** Two at a time: they install and build for most of the time, each in a folder of its own. */
const packages = async (): Promise<void> => {
  const subjects = (
    await Promise.all(
      packageFiles.map(async (file) =>
        (await subjectsOf(file, values.only)).map((subject) => ({ file, ...subject })),
      ),
    )
  ).flat();
  const runNext = async (): Promise<void> => {
    for (let next = subjects.shift(); next; next = subjects.shift()) {
      const { file, folder, versions, advice } = next;
      if (advice !== undefined) results.push(leftOut('packages', versions, advice));
      else await inChromium('packages', [file], { on: versions, PACKAGES_SUBJECT: folder });
    }
  };
  await runLanes([runNext, runNext]);
};

/** What takes about as long as the other, so that the machine is in use until the end. */
const lanes = [
  async () => {
    for (const engine of engines) await component(engine);
    await inChromium('end-to-end', endToEndFiles);
  },
  async () => {
    await release();
    await backend();
    await inChromium('visual', visualFiles);
  },
];

const release = async (): Promise<void> => {
  if (releaseFiles.length === 0) return;
  await attempt('release', () => runNodeTests('release', '', releaseFiles));
};

await check();
// On CI one after the other: there a test that fails now and then costs more than time does.
if (isCi) for (const run of lanes) await run();
else await runLanes(lanes);
await inChromium('sandbox', sandboxFiles);
await inChromium('host-pages', hostPageFiles);
await inChromium('accessibility', accessibilityFiles);
await inChromium('commands', commandFiles);
await inChromium('site', siteFiles);
await inChromium('endurance', enduranceFiles);
await packages();

const { passed, failed } = report(results, missing);
// Where nothing could be run, nothing is known.
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
