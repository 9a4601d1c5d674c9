import { mkdirSync, writeFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { BrowserContext, Page } from 'playwright-core';
import { adviceFor, findBrowser } from '../runner/browsers.js';
import { describeMachine } from '../bench/report.js';
import { countObjects, type Counts } from '../endurance/open-many.js';
import { launch } from '../end-to-end/chromium.js';
import { Random } from './random.js';
import { SoakUser } from './user.js';
import { PageObserver } from './page-observer.js';
import { SoakEnvironment } from './environment.js';

const usage = `npm run soak -- [--minutes N] [--seed N]

Uses a page with many elements at random, in two tabs, for up to 20 minutes while faults are injected: requests fail
and hang, and PostgreSQL, PgBouncer and the backend's processes are restarted, killed and paused. The run fails if a
connection was lost or stored again after it was disconnected, memory leaked, a process ended by itself, or an error
was not handled. The report is also written to .test-results/soak.json.`;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '20' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 32)) },
    help: { type: 'boolean' },
  },
});
const minutes = Number(values.minutes);
const seed = Number(values.seed);
if (values.help || !(minutes > 0 && minutes <= 20) || !Number.isInteger(seed)) {
  console.log(usage);
  process.exit(values.help ? 0 : 1);
}

/** How much a page without its elements may grow during the run. */
const maxGrowth: Record<keyof Counts, number> = {
  nodes: 100,
  listeners: 20,
  documents: 2,
  frames: 0,
  heap: 1_500_000,
};

const found = findBrowser('chromium');
if (!found) throw new Error(`Chromium is required: ${adviceFor('chromium')}`);
process.env.CHROMIUM_PATH = found.executablePath;

console.log(`Seed ${seed}; ${minutes} minutes. To repeat this run: npm run soak -- --seed ${seed}`);
const random = new Random(seed);
const environment = await SoakEnvironment.start(new Random(seed + 1), (text) => console.log(text));
const browser = await launch();
try {
  const context = await browser.newContext();
  context.setDefaultTimeout(20_000);
  const observer = new PageObserver();
  await observer.watch(context, environment.sandbox.origin);
  const open = () => openTab(context);
  const users = [true, false].map(
    (isSteady, index) => new SoakUser({ random: new Random(seed + 2 + index), open, isSteady }),
  );
  const [steady] = users;
  if (!steady) throw new Error('There is no user.');

  // Warm up, so that objects that are created only once exist before the first count.
  for (let index = 0; index < 15; index += 1) await steady.act();
  await steady.closeAuthKit();
  const before = await countWithoutElements(await steady.page());

  await soak(context, users);
  await environment.clearFaults();
  await context.setOffline(false);
  for (const user of users) await user.closeAuthKit();
  const next = await open();
  const unstored = await waitUntilStored(next);
  // The counts are of the process, which tabs of the same site share.
  for (const page of context.pages()) if (page !== (await steady.page())) await page.close();
  const { after, grown } = await waitUntilReleased(await steady.page(), before);

  const rows = new Set(await environment.listedKeys());
  const { saved, deleted, deletionsInDoubt, counts } = environment.proxy;
  // A row alone proves nothing: five minutes after a token, the backend adds connections that only Pica has.
  const isAccountedFor = (key: string) => (saved.has(key) && rows.has(key)) || deleted.has(key);
  const lost = [...observer.reportedKeys].filter(
    (key) => !isAccountedFor(key) && !deletionsInDoubt.has(key),
  );
  const savedAgain = [...environment.proxy.savedAgain].filter((key) => rows.has(key));
  const historyOf = (key: string) => environment.proxy.historyOf(key);
  const problems = [
    ...lost.map((key) => `Lost: ${key}: ${historyOf(key)}`),
    ...savedAgain.map((key) => `Stored again after it was disconnected: ${key}: ${historyOf(key)}`),
    ...unstored.map((key) => `Not stored within two minutes: ${key}`),
    ...(Object.keys(maxGrowth) as (keyof Counts)[])
      .filter((what) => grown[what] > maxGrowth[what])
      .map((what) => `Leaked: ${grown[what]} ${what}`),
    ...observer.errors,
    ...(await environment.differences()),
    ...environment.faults,
  ];
  const report = {
    date: new Date().toISOString().slice(0, 10),
    machine: describeMachine(),
    browser: found.version,
    seed,
    minutes,
    connected: observer.reportedKeys.size,
    disconnected: deleted.size,
    saved: saved.size,
    stored: rows.size,
    backendFaults: Object.fromEntries(environment.backendFaults.counts),
    faults: Object.fromEntries([...counts].sort()),
    actions: users.map(({ actionCounts }) => Object.fromEntries(actionCounts)),
    before,
    after,
    grown,
    messages: Object.fromEntries(observer.messageCounts),
    problems,
  };
  mkdirSync('.test-results', { recursive: true });
  writeFileSync('.test-results/soak.json', `${JSON.stringify(report, null, 2)}\n`);
  print(report);
  if (problems.length > 0) process.exitCode = 1;
} finally {
  await browser.close();
  await environment.close();
}

/** Lets the users act while faults are injected. */
async function soak(context: BrowserContext, users: SoakUser[]): Promise<void> {
  const began = Date.now();
  const end = began + minutes * 60_000;
  let reportedMinute = 0;
  const use = async (user: SoakUser) => {
    while (Date.now() < end) {
      await user.act();
      const minute = Math.floor((Date.now() - began) / 60_000);
      if (minute > reportedMinute) {
        reportedMinute = minute;
        console.log(`${minute} of ${minutes} minutes`);
      }
    }
  };
  const injectNetworkFaults = async () => {
    while (Date.now() < end) {
      environment.proxy.isFaulty = !random.isOneIn(4);
      const isOffline = random.isOneIn(6);
      await context.setOffline(isOffline);
      if (random.isOneIn(4)) {
        const path = random.of(['/v1/authkit', '/v1/vault', '/authkit']);
        await environment.addSandboxFault({
          path,
          status: 500,
          times: 1,
          after: random.isOneIn(2),
        });
      }
      await setTimeout(Math.min(isOffline ? 3_000 : 8_000, Math.max(0, end - Date.now())));
    }
  };
  const injectBackendFaults = async () => {
    while (Date.now() < end) {
      await environment.backendFaults.injectOne();
      await setTimeout(Math.min(10_000, Math.max(0, end - Date.now())));
    }
  };
  await Promise.all([...users.map(use), injectNetworkFaults(), injectBackendFaults()]);
}

async function openTab(context: BrowserContext): Promise<Page> {
  const page = await context.newPage();
  // The network may be down at the moment.
  for (;;) {
    try {
      await page.goto(environment.proxy.origin);
      await page.waitForFunction(`'PicaConnect' in window`);
      return page;
    } catch {
      await setTimeout(500);
    }
  }
}

/**
 * Counts what a page holds without its elements, then adds them again. Requests, retries and preloaded pages may hold
 * some elements for a minute, which would hide a leak of that size. While they do, the page has more than one frame.
 */
async function countWithoutElements(page: Page): Promise<Counts> {
  const end = Date.now() + 120_000;
  await page.evaluate('empty()');
  let counts = await countIn(page);
  while (counts.frames > 1 && Date.now() < end) {
    await setTimeout(5_000);
    counts = await countIn(page);
  }
  await page.evaluate('fill()');
  return counts;
}

/** Waits at most two minutes, as requests, retries and preloaded pages may hold an element for a while. */
async function waitUntilReleased(
  page: Page,
  before: Counts,
): Promise<{ after: Counts; grown: Counts }> {
  const end = Date.now() + 120_000;
  await page.evaluate('empty()');
  for (;;) {
    const after = await countIn(page);
    const grown = { ...after };
    for (const what of Object.keys(maxGrowth) as (keyof Counts)[]) grown[what] -= before[what];
    const isReleased = (Object.keys(maxGrowth) as (keyof Counts)[]).every(
      (what) => grown[what] <= maxGrowth[what],
    );
    if (isReleased || Date.now() > end) return { after, grown };
    await setTimeout(5_000);
  }
}

async function countIn(page: Page): Promise<Counts> {
  const debug = await page.context().newCDPSession(page);
  await debug.send('Performance.enable');
  const counts = await countObjects(debug);
  await debug.detach();
  return counts;
}

/** Waits until the user's next page has stored everything. Returns the outbox entries that remain. */
async function waitUntilStored(page: Page): Promise<string[]> {
  const outboxEntries = () =>
    page.evaluate<string[]>(
      `Object.keys(localStorage).filter((name) => name.startsWith('pica-connect.outbox:'))`,
    );
  const end = Date.now() + 120_000;
  while ((await outboxEntries()).length > 0 && Date.now() < end) await setTimeout(500);
  while (environment.proxy.pendingCount > 0) await setTimeout(50);
  return outboxEntries();
}

function print(report: {
  connected: number;
  disconnected: number;
  stored: number;
  backendFaults: Record<string, number>;
  faults: Record<string, number>;
  actions: Record<string, { started: number; completed: number }>[];
  grown: Counts;
  messages: Record<string, number>;
  problems: string[];
}): void {
  const list = (counts: object) =>
    Object.entries(counts)
      .map(([what, count]) => `${what} ${String(count)}`)
      .join(', ');
  console.log(`\n${describeMachine()}, ${found?.version ?? ''}`);
  const {
    connected,
    disconnected,
    stored,
    backendFaults,
    faults,
    actions,
    grown,
    messages,
    problems,
  } = report;
  console.log(`Connected ${connected}, disconnected ${disconnected}, stored at the end ${stored}`);
  console.log(`Backend faults: ${list(backendFaults)}`);
  console.log(`Request faults: ${list(faults)}`);
  for (const [index, of] of actions.entries()) {
    const counts = Object.entries(of).map(
      ([what, { started, completed }]) => `${what} ${completed} of ${started}`,
    );
    console.log(`${index === 0 ? 'The tab that stays' : 'The other tab'}: ${counts.join(', ')}`);
  }
  console.log(`Growth: ${list(grown)}`);
  console.log(`Console messages:`);
  for (const [text, count] of Object.entries(messages)) console.log(`  ${count} × ${text}`);
  console.log(
    problems.length > 0
      ? `\nProblems:\n${problems.join('\n')}`
      : '\nNo connection lost or stored again, no leak, no process ended, no error.',
  );
}
