import { adviceFor, findBrowser } from './browsers.js';
import { start, stopAll } from './processes.js';
import { suiteOf } from './suite-names.js';
import { testFiles } from './suites.js';

/*
 * npm run test:watch -- [test file …]
 * Runs component tests in Chromium, and again whenever a test or a source is saved.
 */

const named = process.argv.slice(2);
const others = named.filter((file) => suiteOf(file) !== 'component');
if (others.length > 0) {
  console.error(`Only component tests can be watched: npm test -- ${others.join(' ')}`);
  process.exit(1);
}
const browser = findBrowser('chromium');
if (!browser) {
  console.error(`Chromium is missing: ${adviceFor('chromium')}`);
  process.exit(1);
}
const files =
  named.length > 0 ? named : testFiles('test').filter((file) => suiteOf(file) === 'component');

const runner = start(
  process.execPath,
  [
    ...['--import', 'tsx', 'node_modules/@web/test-runner/dist/bin.js', '--watch'],
    ...['--config', 'test/runner/web-test-runner.config.ts', ...files],
  ],
  {
    stdio: 'inherit',
    // Not the headless shell: the D key opens a window for debugging.
    env: { ...process.env, TEST_ENGINE: 'chromium', TEST_BROWSER: browser.executablePath },
  },
);
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(name, () => void stopAll().finally(() => process.exit(130)));
}
runner.once('exit', (code) => process.exit(code ?? 1));
