import { launch } from '../../end-to-end/chromium.js';
import { createConnections, integrations, needle } from '../connections.js';
import { ratiosTo, spread, type Case, type Figure } from '../figures.js';
import type { Measured, Round } from '../page/list.js';
import { BenchSite } from '../site.js';

const manyRowCount = 10_000;
const fewRowCount = 1_000;

/** Budgets are multiples of one `innerHTML` of the same rows. */
const parts: { part: keyof Measured; title: string; budget: number }[] = [
  { part: 'first', title: 'rendered', budget: 0.6 },
  { part: 'update', title: 'one row changed', budget: 0.13 },
  { part: 'filter', title: 'filtered to 1 %', budget: 0.6 },
];
/** Ten times as many rows may take at most ten times as long. */
const maxGrowth = 10;

export const list: Case = {
  name: 'list',
  title: 'A list of 10,000 connections, until the next frame',
  against: 'Multiples of one innerHTML of the same rows',
  limits: { rounds: 9, seconds: 120 },
  async measure({ rounds }) {
    const site = await BenchSite.start();
    const browser = await launch(
      '--js-flags=--expose-gc',
      // Otherwise small lists would measure the screen's frame rate.
      '--disable-frame-rate-limit',
      '--disable-gpu-vsync',
    );
    try {
      const page = await browser.newPage({ viewport: { width: 1000, height: 800 } });
      const scripts = ['pica-connect.min.js', 'React list', 'functions for pages'] as const;
      await page.goto(await site.add({ scripts: [...scripts] }));
      const measureRows = (size: number, turn: number) => {
        const connections = createConnections(size);
        const options = { connections, integrations, query: needle, turn };
        return page.evaluate((given) => window.bench.measureList(given), options);
      };
      const measured = await rounds.measure(async (turn) => ({
        fewRows: await measureRows(fewRowCount, turn),
        manyRows: await measureRows(manyRowCount, turn),
      }));
      return figuresOf(
        measured.map(({ fewRows }) => fewRows),
        measured.map(({ manyRows }) => manyRows),
      );
    } finally {
      await browser.close();
      await site.close();
    }
  },
};

function figuresOf(fewRows: Round[], manyRows: Round[]): Figure[] {
  const ratio = (of: 'list' | 'react', part: keyof Measured) =>
    ratiosTo(
      manyRows.map((round) => ({ plain: round.plain, measured: round[of][part] })),
      'plain',
    )('measured');
  const growth = (part: keyof Measured) =>
    ratiosTo(
      manyRows.map(({ list: rows }, index) => ({
        many: rows[part],
        few: fewRows[index]?.list[part] ?? NaN,
      })),
      'few',
    )('many');
  return [
    ...parts.map(({ part, title, budget }): Figure => ({
      label: title,
      unit: '×',
      ...ratio('list', part),
      budget,
    })),
    ...parts.map(({ part, title }): Figure => ({
      label: `React 19: ${title}`,
      unit: '×',
      ...ratio('react', part),
      isPeer: true,
    })),
    ...parts.map(({ part, title }): Figure => ({
      label: `${title}, compared with 1,000 rows`,
      unit: '×',
      ...growth(part),
      budget: maxGrowth,
    })),
    {
      label: 'innerHTML of the same rows',
      unit: 'ms',
      ...spread(manyRows.map(({ plain }) => plain)),
      isPeer: true,
    },
  ];
}
