import { ratiosTo, spread, type Case } from '../figures.js';
import { inBrowser, measureStep, visit } from '../first-visit.js';
import { inTurn } from '../rounds.js';

const count = 10_000;
const names = ['with', 'without'] as const;

export const placeholders: Case = {
  name: 'placeholders',
  title: 'Inserting 10,000 elements into a page, until the next frame',
  against:
    'Multiples of the same page without pica-connect: the cost of its observer for data-pica-connect',
  limits: { rounds: 7, seconds: 30 },
  measure: ({ rounds }) =>
    inBrowser(async (browser, site) => {
      const addresses = await site.addAll({
        with: { scripts: ['pica-connect.min.js', 'functions for pages'], hasPlaceholders: true },
        without: { scripts: ['functions for pages'] },
      });
      const measured = await rounds.measure(async (turn) => {
        const round = { with: NaN, without: NaN };
        for (const name of inTurn(names, turn)) {
          round[name] = await visit(browser, addresses[name], async (page, debug) => {
            await page.evaluate((given) => {
              window.bench.prepareInsertions(given);
            }, count);
            // The first time only warms up the engine.
            await measureStep(page, debug, 'insert');
            await measureStep(page, debug, 'end');
            return measureStep(page, debug, 'insert');
          });
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
    }),
};
