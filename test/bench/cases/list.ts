import type { Browser } from 'playwright-core';
import { createConnections, createIntegrations, needle } from '../connections.js';
import { ratiosTo, spread, type Case, type Figure } from '../figures.js';
import { inBrowser, measureStep, visit } from '../first-visit.js';
import type { ListOptions, ListStep } from '../page/list.js';
import { inTurn } from '../rounds.js';
import type { BenchPage } from '../site.js';

const pages: Record<ListOptions['list'], BenchPage> = {
  'plain rows': { scripts: ['functions for pages'] },
  'pica-connections-list': { scripts: ['pica-connect.min.js', 'functions for pages'] },
  // The one file is there for its styles.
  'React 19': { scripts: ['pica-connect.min.js', 'React list', 'functions for pages'] },
};

/** What is compared. A warm list is the second one of its page. */
const subjects = {
  plain: { list: 'plain rows', isWarm: false },
  ours: { list: 'pica-connections-list', isWarm: false },
  react: { list: 'React 19', isWarm: false },
  'plain, warm': { list: 'plain rows', isWarm: true },
  'ours, warm': { list: 'pica-connections-list', isWarm: true },
} as const;
type Subject = keyof typeof subjects;
const names = Object.keys(subjects) as Subject[];

const shown: { size: number; step: ListStep; label: string; budget: number }[] = [
  { size: 100, step: 'first', label: '100 rows', budget: 1.5 },
  { size: 1_000, step: 'first', label: '1,000 rows', budget: 1 },
  { size: 10_000, step: 'first', label: '10,000 rows', budget: 0.8 },
  { size: 10_000, step: 'update', label: 'one of 10,000 rows changed', budget: 0.3 },
  { size: 10_000, step: 'filter', label: '10,000 rows filtered to 1 %', budget: 1 },
];
const sizes = [...new Set(shown.map(({ size }) => size))];

type Measured = Partial<Record<ListStep, number>>;
/** By size. */
type Round = Record<number, Record<Subject, Measured>>;

export const list: Case = {
  name: 'list',
  title: 'A list of connections in a new page, main-thread time until the next frame',
  against: 'Multiples of one innerHTML of five plain elements a row, in a new page too',
  limits: { rounds: 7, seconds: 120 },
  measure: ({ rounds }) =>
    inBrowser(async (browser, site) => {
      const addresses = await site.addAll(pages);
      const measured = await rounds.measure(
        async (turn) => {
          const round: Round = {};
          for (const size of sizes) {
            const bySubject = (round[size] = {} as Record<Subject, Measured>);
            for (const name of inTurn(names, turn)) {
              const { list, isWarm } = subjects[name];
              bySubject[name] = await measureList(browser, addresses[list], list, size, isWarm);
            }
          }
          return round;
        },
        // Every page is new.
        { warming: 0 },
      );
      return figuresOf(measured);
    }),
};

function measureList(
  browser: Browser,
  address: string,
  list: ListOptions['list'],
  size: number,
  isWarm: boolean,
): Promise<Measured> {
  const connections = createConnections(size);
  const options = { list, connections, integrations: createIntegrations(40), query: needle };
  const steps: ListStep[] = list === 'plain rows' ? ['first'] : ['first', 'update', 'filter'];
  return visit(browser, address, async (page, debug) => {
    const measureOnce = async () => {
      await page.evaluate((given) => {
        window.bench.prepareList(given);
      }, options);
      const measured: Measured = {};
      for (const step of steps) measured[step] = await measureStep(page, debug, step);
      await measureStep(page, debug, 'end');
      return measured;
    };
    const cold = await measureOnce();
    return isWarm ? measureOnce() : cold;
  });
}

function figuresOf(rounds: Round[]): Figure[] {
  const valuesOf = (size: number, subject: Subject, step: ListStep) =>
    rounds.map((round) => round[size]?.[subject][step] ?? NaN);
  const figuresFor = (subject: Subject, base: Subject, prefix = ''): Figure[] =>
    shown.map(({ size, step, label, budget }) => {
      const plain = valuesOf(size, base, 'first');
      const measured = valuesOf(size, subject, step).map((value, index) => ({
        measured: value,
        plain: plain[index] ?? NaN,
      }));
      return {
        label: prefix + label,
        unit: '×',
        ...ratiosTo(measured, 'plain')('measured'),
        ...(subject === 'ours' ? { budget } : { isPeer: subject === 'react' }),
      };
    });
  return [
    ...figuresFor('ours', 'plain'),
    ...figuresFor('ours, warm', 'plain, warm', 'warm: '),
    ...figuresFor('react', 'plain', 'React 19: '),
    ...sizes.map((size): Figure => ({
      label: `${size.toLocaleString('en')} plain rows`,
      unit: 'ms',
      ...spread(valuesOf(size, 'plain', 'first')),
      isPeer: true,
    })),
  ];
}
