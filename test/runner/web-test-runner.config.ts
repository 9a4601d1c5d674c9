import { esbuildPlugin } from '@web/dev-server-esbuild';
import {
  defaultReporter,
  type BrowserLauncher,
  type Reporter,
  type TestRunnerConfig,
} from '@web/test-runner';
import { chromeLauncher } from '@web/test-runner-chrome';
import { puppeteerLauncher } from '@web/test-runner-puppeteer';
import { webdriverLauncher } from '@web/test-runner-webdriver';
import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { countSessions } from './counts.js';
import { startTestServers } from '../fixtures/servers/start.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

/*
 * One engine a run, chosen by test/runner/run.ts, which has found the browser and, for WebKit, has started
 * its driver: Debian's WebKitGTK takes one session at a time.
 */
const engine = process.env.TEST_ENGINE ?? 'chromium';
const executablePath = process.env.TEST_BROWSER ?? '';
// Away from UTC, where a time without its zone would be read right by chance. WebKit's driver is started elsewhere.
process.env.TZ = 'America/New_York';
const driverPort = Number(process.env.TEST_DRIVER_PORT);

const launchers = {
  chromium: () =>
    chromeLauncher({
      launchOptions: {
        executablePath,
        // Chromium's sandbox doesn't work as root, as on CI. The page under test is our own.
        args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
        handleSIGTERM: false,
      },
    }),
  firefox: () =>
    puppeteerLauncher({
      launchOptions: { browser: 'firefox', executablePath, handleSIGTERM: false },
    }),
  webkit: () =>
    webdriverLauncher({
      hostname: '127.0.0.1',
      port: driverPort,
      path: '/',
      capabilities: {
        browserName: 'MiniBrowser',
        // MiniBrowser has no BiDi; without this webdriverio waits for it.
        'wdio:enforceWebDriverClassic': true,
        'webkitgtk:browserOptions': { binary: executablePath, args: ['--automation'] },
      } as WebdriverIO.Capabilities,
    }),
};
if (!(engine in launchers)) throw new Error(`TEST_ENGINE is ${engine}`);
const launcher: BrowserLauncher = launchers[engine as keyof typeof launchers]();

// Puppeteer's own handler skips every second browser, and so would leave the one for debugging open. With once(),
// another package would see no handler and end the process at once.
process.on('SIGTERM', () => void launcher.stop?.().finally(() => process.exit(143)));

const servers = await startTestServers();
/** Chromium alone counts what of the sources a test has run. */
const countsCoverage = process.env.TEST_COVERAGE === 'true';
const isShell = executablePath.includes('headless-shell');
const origins = JSON.stringify({ engine, isShell, ...servers.origins });

/** One line a test file, and at the end the counts to test/runner/run.ts, if that started us. */
const countingReporter: Reporter = {
  reportTestFileResults({ logger, sessionsForTestFile, testFile }) {
    const { passed, failed, skipped } = countSessions(sessionsForTestFile);
    const file = testFile.slice(process.cwd().length + 1);
    logger.log(`${file}: ${passed} passed, ${failed} failed, ${skipped} skipped`);
  },
  onTestRunFinished({ sessions }) {
    process.send?.(countSessions(sessions));
  },
};

const config: TestRunnerConfig = {
  rootDir: root,
  files: [],
  browsers: [launcher],
  // One page at a time: only one can have the focus, and timers are slowed down in the others.
  concurrency: 1,
  nodeResolve: { exportConditions: ['production', 'default'] },
  middleware: [
    // A host's backend on the page's own origin, below /own.
    async (context, next) => {
      if (!context.path.startsWith('/own/')) {
        await next();
        return;
      }
      context.respond = false;
      context.req.url = context.url.slice('/own'.length);
      servers.answerAsEndpoints(context.req, context.res);
    },
    // What is built is served as it was built: esbuildPlugin would write it anew, and no hash would be right.
    async (context, next) => {
      if (!context.path.startsWith('/dist/')) {
        await next();
        return;
      }
      const file = await readFile(join(root, context.path)).catch(() => undefined);
      if (!file) return;
      context.type = extname(context.path);
      context.body = file;
    },
  ],
  plugins: [
    esbuildPlugin({
      ts: true,
      target: 'es2022',
      tsconfig: fileURLToPath(new URL('../../tsconfig.json', import.meta.url)),
    }),
    {
      name: 'test-servers',
      async serverStop() {
        await servers.stop();
        // When watch mode ends, the test runner doesn't wait until the browsers are closed.
        await launcher.stop?.();
      },
    },
  ],
  testRunnerHtml: (testFramework) => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <title>Component tests</title>
    <script>
      window.testOrigins = ${origins};
      // Mocha fails a test for an error outside it, but not for a rejection that nobody handles.
      addEventListener('unhandledrejection', ({ reason }) => reportError(reason));
    </script>
  </head>
  <body>
    <script type="module" src="${testFramework}"></script>
  </body>
</html>`,
  testFramework: { config: { timeout: '10000' } },
  browserStartTimeout: 60_000,
  testsStartTimeout: 60_000,
  testsFinishTimeout: 180_000,
  staticLogging: true,
  coverage: countsCoverage,
  coverageConfig: {
    // `dist` is what these are built to; what is only in there is not seen here: script-tag, *.beside.
    include: ['src/**/*.ts'],
    threshold: { lines: 95, branches: 95, functions: 95, statements: 95 },
    reporters: ['text', 'json-summary'],
    reportDir: '.test-results/coverage',
  },
  // "info" is how tests say what they drew: the seeds of the random ones. What the elements themselves say to
  // whoever builds a page is left out: tests that are about it listen to the console.
  filterBrowserLogs: ({ type, args: [text] }) =>
    ['error', 'warn', 'info'].includes(type) && !String(text).startsWith('pica-connect: '),
  reporters: [defaultReporter({ reportTestProgress: false }), countingReporter],
};

export default config;
