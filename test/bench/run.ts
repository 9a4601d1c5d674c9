import { mkdirSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { adviceFor, findBrowser } from '../runner/browsers.js';
import { buttons } from './cases/buttons.js';
import { growth } from './cases/growth.js';
import { idle } from './cases/idle.js';
import { list } from './cases/list.js';
import { load } from './cases/load.js';
import { network } from './cases/network.js';
import { opening } from './cases/opening.js';
import { placeholders } from './cases/placeholders.js';
import { settings } from './cases/settings.js';
import { sizes } from './cases/sizes.js';
import type { Case, CaseResult } from './figures.js';
import { currentLoad, describeMachine, missedIn, tableOf, type Report } from './report.js';
import { Rounds } from './rounds.js';
import { prepare } from './scripts.js';

const cases: Case[] = [
  ...[sizes, buttons, load, list, settings, opening, network, growth, idle, placeholders],
];

const usage = `npm run bench -- [case …] [--rounds N] [--strict] [--keep]

Measures size and speed of the elements and of others:

${cases.map(({ name, title }) => `  ${name.padEnd(14)}${title}`).join('\n')}

Lists missed budgets. They are a failure only with --strict.
The results are written to .test-results/bench.json. With --keep, and all cases, they are also saved in
test/bench/results.json, from where npm run bench -- readme writes them to the docs and the README.`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string' },
    strict: { type: 'boolean' },
    keep: { type: 'boolean' },
    help: { type: 'boolean' },
  },
});
const isAll = positionals.length === 0;
const unknown = positionals.filter((name) => !cases.some((one) => one.name === name));
const rounds = values.rounds === undefined ? undefined : Number(values.rounds);
const isWrong =
  unknown.length > 0 ||
  (rounds !== undefined && !(Number.isInteger(rounds) && rounds > 0)) ||
  (values.keep && !isAll);
if (values.help || isWrong) {
  if (unknown.length > 0) console.error(`No such case: ${unknown.join(', ')}\n`);
  else if (isWrong)
    console.error('--rounds needs a whole number above 0, and --keep needs all cases.\n');
  console.log(usage);
  process.exit(isWrong ? 1 : 0);
}

const browser = findBrowser('chromium');
if (!browser) throw new Error(`Chromium is required: ${adviceFor('chromium')}`);
process.env.CHROMIUM_PATH = browser.executablePath;

/** Shows progress: one changing line on a terminal, or a new line every ten seconds in a log. */
let lastReportMs = -Infinity;
const progress = (text: string) => {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001B[K${text}`);
  else if (performance.now() - lastReportMs > 10_000) {
    lastReportMs = performance.now();
    console.error(text);
  }
};

const before = currentLoad();
console.log(`${describeMachine()}, ${browser.version}, load before ${before}`);
await prepare(progress);

const results: CaseResult[] = [];
for (const one of cases) {
  if (!isAll && !positionals.includes(one.name)) continue;
  const { name, title, against } = one;
  const began = performance.now();
  const say = (text: string) => progress(`${name}: ${text}`);
  const givenLimits = rounds !== undefined && { rounds, seconds: Infinity };
  const inTurn = new Rounds(givenLimits || (one.limits ?? { rounds: 1, seconds: 0 }), say);
  const figures = await one.measure({ rounds: inTurn, progress: say });
  const seconds = Math.round((performance.now() - began) / 1000);
  const result = { name, title, against, rounds: inTurn.count, seconds, figures };
  results.push(result);
  if (process.stderr.isTTY) process.stderr.write('\r\u001B[K');
  console.log(tableOf(result));
}

const report: Report = {
  date: new Date().toISOString().slice(0, 10),
  machine: describeMachine(),
  browser: browser.version,
  load: { before, after: currentLoad() },
  cases: results,
};
const text = `${JSON.stringify(report, null, 2)}\n`;
mkdirSync('.test-results', { recursive: true });
writeFileSync('.test-results/bench.json', text);
if (values.keep) writeFileSync('test/bench/results.json', text);

const missed = missedIn(results);
console.log(
  missed.length > 0
    ? `\nMissed:\n${missed.map((one) => `  ${one}`).join('\n')}`
    : '\nEvery budget is met.',
);
if (values.strict && missed.length > 0) process.exitCode = 1;
