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
 * Each run is in one engine. test/runner/run.ts chooses it, finds the browser and, for WebKit, starts the driver, because
 * Debian's WebKitGTK allows only one session at a time.
 */
const engine = process.env.TEST_ENGINE ?? 'chromium';
const executablePath = process.env.TEST_BROWSER ?? '';
// Not UTC, where a time without a zone would be right by chance. WebKit's driver doesn't get this: it runs already.
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
/** Only Chromium measures coverage. */
const countsCoverage = process.env.TEST_COVERAGE === 'true';
const isShell = executablePath.includes('headless-shell');
const origins = JSON.stringify({ engine, isShell, ...servers.origins });

/** Prints one line for each test file, and at the end sends the counts to test/runner/run.ts, if that started this. */
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
  // One page at a time, because only one can have the focus, and browsers slow down timers in the others.
  concurrency: 1,
  nodeResolve: { exportConditions: ['production', 'default'] },
  middleware: [
    // A host's backend on the page's own origin, under /own.
    async (context, next) => {
      if (!context.path.startsWith('/own/')) {
        await next();
        return;
      }
      context.respond = false;
      context.req.url = context.url.slice('/own'.length);
      servers.answerAsEndpoints(context.req, context.res);
    },
    // Serve built files unchanged. esbuildPlugin would compile them again, and their hashes would no longer match.
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
      // A test file may end while a connection is being saved. Nobody could answer whether to leave the page.
      addEventListener('beforeunload', (event) => event.isTrusted && event.stopImmediatePropagation());
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
    // Code that runs only in `dist`, such as src/script-tag, is not measured.
    include: ['src/**/*.ts'],
    threshold: { lines: 95, branches: 95, functions: 95, statements: 95 },
    reporters: ['text', 'json-summary'],
    reportDir: '.test-results/coverage',
  },
  // Randomized tests print their seeds with "info". The elements' own messages are left out: tests about them listen to
  // the console themselves.
  filterBrowserLogs: ({ type, args: [text] }) =>
    ['error', 'warn', 'info'].includes(type) && !String(text).startsWith('pica-connect: '),
  reporters: [defaultReporter({ reportTestProgress: false }), countingReporter],
};

export default config;
