import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { chromium, type Page } from 'playwright-core';
import { findBrowser } from '../browsers.js';
import { createConnections, integrations, needle } from './connections.js';
import { measureRound, type Round } from './page.js';

/*
 * How fast the list is, in multiples of one `innerHTML` of the same rows: npm run bench
 *
 *   -- --rounds 15    more rounds than 9
 *   -- --strict       a missed budget is a failure; otherwise it is only said
 *   -- --only 10000   one size
 */

/** At most this many times one `innerHTML`, at the largest size. */
const budgets = { first: 0.6, update: 0.13, filter: 0.6 };
type Measure = keyof typeof budgets;
const measures: Record<Measure, string> = {
  first: 'first render',
  update: 'one-row update',
  filter: 'filter to 1 %',
};
const sizes = [100, 1_000, 10_000];
const folder = '.test-results/bench';

interface Spread {
  median: number;
  min: number;
  max: number;
}

interface Report {
  size: number;
  rounds: number;
  elementsPerRow: { plain: number; list: number };
  plain: Spread;
  milliseconds: Record<Measure, Spread>;
  ratios: Record<Measure, Spread>;
}

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '9' },
    strict: { type: 'boolean' },
    only: { type: 'string' },
  },
});

// A build of its own, so that dist/ may be built anew meanwhile.
execFileSync(
  'npx',
  ['vite', 'build', '--mode', 'script-tag', '--outDir', folder, '--logLevel', 'warn'],
  { stdio: 'inherit' },
);
const found = findBrowser('chromium');
if (!found) throw new Error('There is no Chromium here; CHROMIUM_PATH can name one.');
const browser = await chromium.launch({
  executablePath: found.executablePath,
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--js-flags=--expose-gc',
    // Or small lists would measure how long the screen takes.
    '--disable-frame-rate-limit',
    '--disable-gpu-vsync',
  ],
});
const reports: Report[] = [];
try {
  const page = await openPage();
  for (const size of values.only ? [Number(values.only)] : sizes) {
    reports.push(await measure(page, size));
  }
} finally {
  await browser.close();
}
print();

async function openPage(): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1000, height: 800 } });
  await page.setContent('<!doctype html><html lang="en"><body></body></html>');
  // esbuild names functions by a helper that the page has not got.
  await page.evaluate('globalThis.__name = (named) => named');
  await page.addScriptTag({ content: readFileSync(`${folder}/pica-connect.min.js`, 'utf8') });
  return page;
}

async function measure(page: Page, size: number): Promise<Report> {
  const connections = createConnections(size);
  const rounds: Round[] = [];
  // The first one is for the engine to get warm, and is not counted.
  for (let index = 0; index <= Number(values.rounds); index += 1) {
    const options = { connections, integrations, query: needle, listFirst: index % 2 === 0 };
    const round = await page.evaluate(measureRound, options);
    if (round.found !== Math.max(1, size / 100)) throw new Error(`${round.found} were found.`);
    if (index > 0) rounds.push(round);
  }
  const [round] = rounds;
  if (!round) throw new Error('There were no rounds.');
  const each = (of: (name: Measure) => Spread): Record<Measure, Spread> => ({
    first: of('first'),
    update: of('update'),
    filter: of('filter'),
  });
  return {
    size,
    rounds: rounds.length,
    elementsPerRow: { plain: round.plainElements / size, list: round.listElements / size },
    plain: spread(rounds.map(({ plain }) => plain)),
    milliseconds: each((name) => spread(rounds.map((one) => one[name]))),
    // Of the same round, so that a busy moment weighs on both.
    ratios: each((name) => spread(rounds.map((one) => one[name] / one.plain))),
  };
}

function spread(numbers: number[]): Spread {
  const sorted = [...numbers].sort((a, b) => a - b);
  const at = (index: number) => Math.round((sorted[Math.floor(index)] ?? NaN) * 1_000) / 1_000;
  return { median: at(sorted.length / 2), min: at(0), max: at(sorted.length - 1) };
}

function print(): void {
  const machine = `${found?.version ?? ''}, ${cpus().length} × ${cpus()[0]?.model ?? '?'}`;
  console.log(`\n${machine}\nMultiples of one innerHTML of the same rows: median (min–max)\n`);
  for (const { size, rounds, elementsPerRow, plain, milliseconds, ratios } of reports) {
    const elements = elementsPerRow.plain.toFixed(1);
    console.log(
      `${size} connections, ${rounds} rounds, ${elements} elements a row; ` +
        `innerHTML ${plain.median.toFixed(1)} ms (${plain.min.toFixed(1)}–${plain.max.toFixed(1)})`,
    );
    for (const [name, title] of Object.entries(measures) as [Measure, string][]) {
      const { median, min, max } = ratios[name];
      const verdict =
        size === 10_000 ? `  budget ${budgets[name]}: ${verdictOn(name, median)}` : '';
      console.log(
        `  ${title.padEnd(15)} ${median.toFixed(2)} (${min.toFixed(2)}–${max.toFixed(2)})` +
          `  ${milliseconds[name].median.toFixed(1).padStart(7)} ms${verdict}`,
      );
    }
  }
  const [small, large] = [1_000, 10_000].map((size) => reports.find((one) => one.size === size));
  if (small && large) {
    const times = (name: Measure) =>
      (large.milliseconds[name].median / small.milliseconds[name].median).toFixed(1);
    console.log(
      `From 1,000 to 10,000: innerHTML × ${(large.plain.median / small.plain.median).toFixed(1)}, ` +
        (Object.keys(measures) as Measure[])
          .map((name) => `${measures[name]} × ${times(name)}`)
          .join(', '),
    );
  }
  mkdirSync('.test-results', { recursive: true });
  writeFileSync(
    '.test-results/bench-list.json',
    JSON.stringify({ machine, budgets, reports }, null, 2),
  );
  const missed = (Object.keys(budgets) as Measure[]).filter((name) =>
    reports.some(({ size, ratios }) => size === 10_000 && ratios[name].median > budgets[name]),
  );
  if (values.strict && missed.length > 0) process.exitCode = 1;
}

function verdictOn(name: Measure, median: number): string {
  return median <= budgets[name] ? 'met' : 'missed';
}
