import { launch } from '../../end-to-end/chromium.js';
import { ratiosTo, spread, type Case } from '../figures.js';
import { BenchSite } from '../site.js';

const count = 10_000;

export const placeholders: Case = {
  name: 'placeholders',
  title: 'Inserting 10,000 elements into a page, until the next frame',
  against:
    'Multiples of the same page without pica-connect: the cost of its observer for data-pica-connect',
  limits: { rounds: 11, seconds: 40 },
  async measure({ rounds }) {
    const site = await BenchSite.start();
    const browser = await launch('--js-flags=--expose-gc');
    try {
      const pages = {
        with: await site.add({
          scripts: ['pica-connect.min.js', 'functions for pages'],
          hasPlaceholders: true,
        }),
        without: await site.add({ scripts: ['functions for pages'] }),
      };
      const measured = await rounds.measure(async (turn) => {
        const round = { with: NaN, without: NaN };
        const names = ['with', 'without'] as const;
        for (const name of turn % 2 === 0 ? names : [...names].reverse()) {
          const page = await browser.newPage();
          await page.goto(pages[name]);
          // The first run only warms up the engine.
          await page.evaluate((given) => window.bench.measureInsertions(given), count);
          round[name] = await page.evaluate(
            (given) => window.bench.measureInsertions(given),
            count,
          );
          await page.close();
        }
        return round;
      });
      return [
        { label: 'pica-connect.min.js', unit: '×', ...ratiosTo(measured, 'without')('with') },
        {
          label: 'without pica-connect',
          unit: 'ms',
          ...spread(measured.map(({ without }) => without)),
          isPeer: true,
        },
      ];
    } finally {
      await browser.close();
      await site.close();
    }
  },
};
