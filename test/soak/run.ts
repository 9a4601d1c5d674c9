import { mkdirSync, writeFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { BrowserContext, Page } from 'playwright-core';
import { adviceFor, findBrowser } from '../runner/browsers.js';
import { describeMachine } from '../bench/report.js';
import { countObjects, type Counts } from '../endurance/open-many.js';
import { launch } from '../end-to-end/visit.js';
import { Random } from './random.js';
import { SoakUser } from './user.js';
import { Witness } from './witness.js';
import { World } from './world.js';

const usage = `npm run soak -- [--minutes N] [--seed N]

Random use of a page with many elements, in two tabs, for 20 minutes or less, with faults switched on: requests fail
and hang; PostgreSQL, PgBouncer and the processes of the backend are restarted, killed and paused. In the end nothing
may be lost, come back or have leaked, no process may have ended by itself, and no error may have been left unhandled.
The report is in .test-results/soak.json too.`;

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

/** What a page may hold more than at the beginning, with its elements taken out. */
const most: Record<keyof Counts, number> = {
  nodes: 100,
  listeners: 20,
  documents: 2,
  frames: 0,
  heap: 1_500_000,
};

const found = findBrowser('chromium');
if (!found) throw new Error(`It takes Chromium: ${adviceFor('chromium')}`);
process.env.CHROMIUM_PATH = found.executablePath;

console.log(`Seed ${seed}; ${minutes} minutes. The same again: npm run soak -- --seed ${seed}`);
const random = new Random(seed);
const world = await World.start(new Random(seed + 1), (text) => console.log(text));
const browser = await launch();
try {
  const context = await browser.newContext();
  context.setDefaultTimeout(20_000);
  const witness = new Witness();
  await witness.watch(context, world.sandbox.origin);
  const open = () => openTab(context);
  const users = [true, false].map(
    (isSteady, index) => new SoakUser({ random: new Random(seed + 2 + index), open, isSteady }),
  );
  const [steady] = users;
  if (!steady) throw new Error('There is nobody.');

  // What is made once and kept is made by then.
  for (let index = 0; index < 15; index += 1) await steady.act();
  await steady.leave();
  const before = await countWithout(await steady.page());

  await soak(context, users);
  await world.heal();
  await context.setOffline(false);
  for (const user of users) await user.leave();
  const next = await open();
  const left = await untilStored(next);
  // What is counted is the process's, which tabs of one site share.
  for (const page of context.pages()) if (page !== (await steady.page())) await page.close();
  const { after, grown } = await untilLetGo(await steady.page(), before);

  const rows = new Set(await world.rows());
  const { saved, deleted, deletionsInDoubt, happened } = world.front;
  // That there is a row says too little: five minutes after a token the backend adds what only Pica knows of.
  const isThere = (key: string) => (saved.has(key) && rows.has(key)) || deleted.has(key);
  const lost = [...witness.reported].filter((key) => !isThere(key) && !deletionsInDoubt.has(key));
  const cameBack = [...world.front.cameBack].filter((key) => rows.has(key));
  const historyOf = (key: string) => world.front.historyOf(key);
  const wrong = [
    ...lost.map((key) => `Lost: ${key}: ${historyOf(key)}`),
    ...cameBack.map((key) => `Stored again after it was disconnected: ${key}: ${historyOf(key)}`),
    ...left.map((key) => `Not stored in two minutes: ${key}`),
    ...(Object.keys(most) as (keyof Counts)[])
      .filter((what) => grown[what] > most[what])
      .map((what) => `Leaked: ${grown[what]} ${what}`),
    ...witness.errors,
    ...(await world.differences()),
    ...world.faults,
  ];
  const report = {
    date: new Date().toISOString().slice(0, 10),
    machine: describeMachine(),
    browser: found.version,
    seed,
    minutes,
    connected: witness.reported.size,
    disconnected: deleted.size,
    saved: saved.size,
    stored: rows.size,
    broken: Object.fromEntries(world.breakage.happened),
    faults: Object.fromEntries([...happened].sort()),
    actions: users.map(({ done }) => Object.fromEntries(done)),
    before,
    after,
    grown,
    said: Object.fromEntries(witness.said),
    wrong,
  };
  mkdirSync('.test-results', { recursive: true });
  writeFileSync('.test-results/soak.json', `${JSON.stringify(report, null, 2)}\n`);
  print(report);
  if (wrong.length > 0) process.exitCode = 1;
} finally {
  await browser.close();
  await world.close();
}

/** Has everybody do anything, and things go wrong meanwhile. */
async function soak(context: BrowserContext, users: SoakUser[]): Promise<void> {
  const began = Date.now();
  const end = began + minutes * 60_000;
  let shown = 0;
  const use = async (user: SoakUser) => {
    while (Date.now() < end) {
      await user.act();
      const minute = Math.floor((Date.now() - began) / 60_000);
      if (minute > shown) {
        shown = minute;
        console.log(`${minute} of ${minutes} minutes`);
      }
    }
  };
  const trouble = async () => {
    while (Date.now() < end) {
      world.front.isFaulty = !random.isOneIn(4);
      const isOffline = random.isOneIn(6);
      await context.setOffline(isOffline);
      if (random.isOneIn(4)) {
        const path = random.of(['/v1/authkit', '/v1/vault', '/authkit']);
        await world.trouble({ path, status: 500, times: 1, after: random.isOneIn(2) });
      }
      await setTimeout(Math.min(isOffline ? 3_000 : 8_000, Math.max(0, end - Date.now())));
    }
  };
  const breaking = async () => {
    while (Date.now() < end) {
      await world.breakage.next();
      await setTimeout(Math.min(10_000, Math.max(0, end - Date.now())));
    }
  };
  await Promise.all([...users.map(use), trouble(), breaking()]);
}

async function openTab(context: BrowserContext): Promise<Page> {
  const page = await context.newPage();
  // There may be no network just now.
  for (;;) {
    try {
      await page.goto(world.front.origin);
      await page.waitForFunction(`'PicaConnect' in window`);
      return page;
    } catch {
      await setTimeout(500);
    }
  }
}

/**
 * What a page holds when its elements are gone; then it has them again. Requests, their repetition and what was loaded
 * ahead may hold some of them for a minute, and as much could leak unseen: then it has more frames than its own.
 */
async function countWithout(page: Page): Promise<Counts> {
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

/** For two minutes at most, as requests, their repetition and what was loaded ahead may hold an element for a while. */
async function untilLetGo(page: Page, before: Counts): Promise<{ after: Counts; grown: Counts }> {
  const end = Date.now() + 120_000;
  await page.evaluate('empty()');
  for (;;) {
    const after = await countIn(page);
    const grown = { ...after };
    for (const what of Object.keys(most) as (keyof Counts)[]) grown[what] -= before[what];
    const isLetGo = (Object.keys(most) as (keyof Counts)[]).every(
      (what) => grown[what] <= most[what],
    );
    if (isLetGo || Date.now() > end) return { after, grown };
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

/** Waits, as the next page that the user opens, until nothing is left to be stored; answers what is, in the end. */
async function untilStored(page: Page): Promise<string[]> {
  const kept = () =>
    page.evaluate<string[]>(
      `Object.keys(localStorage).filter((name) => name.startsWith('pica-connect.outbox:'))`,
    );
  const end = Date.now() + 120_000;
  while ((await kept()).length > 0 && Date.now() < end) await setTimeout(500);
  while (world.front.underWay > 0) await setTimeout(50);
  return kept();
}

function print(report: {
  connected: number;
  disconnected: number;
  stored: number;
  broken: Record<string, number>;
  faults: Record<string, number>;
  actions: Record<string, { begun: number; ended: number }>[];
  grown: Counts;
  said: Record<string, number>;
  wrong: string[];
}): void {
  const list = (counts: object) =>
    Object.entries(counts)
      .map(([what, count]) => `${what} ${String(count)}`)
      .join(', ');
  console.log(`\n${describeMachine()}, ${found?.version ?? ''}`);
  const { connected, disconnected, stored, broken, faults, actions, grown, said, wrong } = report;
  console.log(`Connected ${connected}, disconnected ${disconnected}, stored in the end ${stored}`);
  console.log(`Broken: ${list(broken)}`);
  console.log(`Faults: ${list(faults)}`);
  for (const [index, of] of actions.entries()) {
    const counts = Object.entries(of).map(
      ([what, { begun, ended }]) => `${what} ${ended} of ${begun}`,
    );
    console.log(`${index === 0 ? 'The tab that stays' : 'The other tab'}: ${counts.join(', ')}`);
  }
  console.log(`More than at the beginning: ${list(grown)}`);
  console.log(`Said in the console:`);
  for (const [text, count] of Object.entries(said)) console.log(`  ${count} × ${text}`);
  console.log(
    wrong.length > 0
      ? `\nWrong:\n${wrong.join('\n')}`
      : '\nNothing lost, nothing came back, nothing leaked, no process ended, no error.',
  );
}
