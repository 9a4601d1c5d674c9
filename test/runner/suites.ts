import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromiumShell, startWebKitDriver, type Browser } from './browsers.js';
import { sum, type Counts } from './counts.js';
import { start, stop } from './processes.js';

export interface Result extends Counts {
  suite: string;
  /** The engine or database with its version. Empty if there is only one way to run the suite. */
  on: string;
  seconds: number;
}

/** A suite that takes longer hangs. */
const limitMinutes = 15;

/** Whether other suites are running too, so that each prints all of its output when it ends. */
let isTogether = false;

/** Runs the tasks in their order, so many at a time. */
export const runTogether = async (
  tasks: (() => Promise<void>)[],
  maxParallel: number,
): Promise<void> => {
  const waiting = [...tasks];
  isTogether = tasks.length > 1;
  const work = async () => {
    for (let task = waiting.shift(); task; task = waiting.shift()) await task();
  };
  await Promise.all(Array.from({ length: maxParallel }, work));
};

/** Runs a program that sends its counts with `process.send`. */
const runCounted = async (
  suite: string,
  on: string,
  args: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): Promise<Result> => {
  const title = `\n── ${suite}${on && ` on ${on}`}`;
  console.log(isTogether ? `${title} has begun` : title);
  const startedAt = Date.now();
  let counts: Counts = sum([]);
  const code = await exitCode(process.execPath, ['--import', 'tsx', ...args], {
    title,
    environment,
    onMessage: (sent) => {
      counts = sent as Counts;
    },
  });
  const { passed, failed } = counts;
  // A crash, or a run without any test, is no success.
  const hasCrashed = failed === 0 && (code !== 0 || passed === 0);
  if (hasCrashed)
    console.log(`${suite} exited with ${String(code)}. ${String(passed)} tests passed.`);
  return {
    suite,
    on,
    ...counts,
    failed: hasCrashed ? 1 : failed,
    seconds: secondsSince(startedAt),
  };
};

/** Runs a part of a script in package.json, such as `npm run check -- lint`. It counts as one test. */
export const runScript = async (script: string, part: string): Promise<Result> => {
  const title = `\n── npm run ${script} -- ${part}`;
  console.log(isTogether ? `${title} has begun` : title);
  const startedAt = Date.now();
  const code = await exitCode('npm', ['run', '--silent', script, '--', part], { title });
  const passed = code === 0 ? 1 : 0;
  const failures = code === 0 ? [] : [`exited with ${String(code)}`];
  return {
    suite: `${script} ${part}`,
    on: '',
    passed,
    failed: 1 - passed,
    skipped: 0,
    failures,
    seconds: secondsSince(startedAt),
  };
};

export const runComponentTests = async (
  browser: Browser,
  files: string[],
  { countsCoverage = false } = {},
): Promise<Result> => {
  const driver = browser.engine === 'webkit' ? await startWebKitDriver(browser) : undefined;
  try {
    return await runCounted(
      'component',
      driver?.version ?? browser.version,
      [
        'node_modules/@web/test-runner/dist/bin.js',
        '--config',
        'test/runner/web-test-runner.config.ts',
        ...files,
      ],
      {
        TEST_ENGINE: browser.engine,
        TEST_BROWSER: (browser.engine === 'chromium' && chromiumShell()) || browser.executablePath,
        TEST_DRIVER_PORT: String(driver?.port),
        TEST_COVERAGE: String(countsCoverage),
      },
    );
  } finally {
    await driver?.stop();
  }
};

export const runNodeTests = (
  suite: string,
  on: string,
  files: string[],
  environment: NodeJS.ProcessEnv = {},
): Promise<Result> => runCounted(suite, on, ['test/runner/node-tests.ts', ...files], environment);

/** A suite that could not be run at all. */
export const notRun = (suite: string, on: string, failed: 0 | 1): Result => ({
  suite,
  on,
  ...sum([]),
  failed,
  seconds: 0,
});

/** All test files in a folder and its subfolders. */
export const testFiles = (folder: string): string[] =>
  readdirSync(folder, { encoding: 'utf8', recursive: true })
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => join(folder, name))
    .sort();

interface RunOptions {
  /** Printed in front of the output. */
  title: string;
  environment?: NodeJS.ProcessEnv;
  onMessage?: (message: unknown) => void;
}

const exitCode = async (
  command: string,
  args: readonly string[],
  { title, environment, onMessage }: RunOptions,
): Promise<number> => {
  const output = isTogether ? 'pipe' : 'inherit';
  const child = start(command, args, {
    stdio: ['ignore', output, output, ...(onMessage ? (['ipc'] as const) : [])],
    env: { ...process.env, ...environment },
  });
  const chunks: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => chunks.push(chunk));
  }
  if (onMessage) child.on('message', onMessage);
  const killTimer = setTimeout(() => {
    console.log(`${command} takes longer than ${String(limitMinutes)} minutes and is ended.`);
    void stop(child);
  }, limitMinutes * 60_000);
  try {
    // At 'close', all of its messages have arrived. At 'exit', some may be missing.
    return await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => {
        resolve(code ?? 1);
      });
    });
  } finally {
    clearTimeout(killTimer);
    if (chunks.length > 0)
      process.stdout.write(Buffer.concat([Buffer.from(`${title}\n`), ...chunks]));
  }
};

const secondsSince = (startedAt: number): number => Math.round((Date.now() - startedAt) / 100) / 10;
