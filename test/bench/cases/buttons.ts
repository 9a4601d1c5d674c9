import type { CDPSession, Page } from 'playwright-core';
import { ratiosTo, spread, type Case, type Figure } from '../figures.js';
import { inBrowser, measureStep, visit } from '../first-visit.js';
import { inTurn } from '../rounds.js';
import type { ScriptName } from '../scripts.js';

const count = 1_000;
const label = 'Connect Gmail';
const attributes = `token-url="https://example.com/token" selected-connection="Gmail"`;

const markups = {
  'pica-connect-button': `<pica-connect-button ${attributes}>${label}</pica-connect-button>`,
  'a minimal Lit button': `<minimal-button ${attributes}>${label}</minimal-button>`,
  'native button': `<button type="button">${label}</button>`,
  'Shoelace button': `<sl-button>${label}</sl-button>`,
  'Web Awesome button': `<wa-button>${label}</wa-button>`,
  'Material button': `<md-filled-button>${label}</md-filled-button>`,
};
type Name = keyof typeof markups;
const names = Object.keys(markups) as Name[];
const scripts: ScriptName[] = [
  'pica-connect.min.js',
  'a minimal Lit button',
  'Shoelace button',
  'Web Awesome button',
  'Material button',
  'functions for pages',
];

/** The baseline of the ratios. */
const base: Name = 'a minimal Lit button';
const measuredCold = ['pica-connect-button', base] as const;
type Round = Record<Name | `cold: ${(typeof measuredCold)[number]}`, number>;

export const buttons: Case = {
  name: 'buttons',
  title: '1,000 buttons, main-thread time from innerHTML to the next frame',
  against: 'Multiples of a minimal Lit button with six properties. Cold: the first ones of a page',
  limits: { rounds: 11, seconds: 75 },
  measure: ({ rounds }) =>
    inBrowser(async (browser, site) => {
      const address = await site.add({ scripts });
      const measured = await visit(browser, address, (page, debug) =>
        rounds.measure(
          async (turn) => {
            const round = {} as Round;
            for (const name of inTurn(names, turn)) {
              round[name] = await measureButtons(page, debug, name);
            }
            for (const name of inTurn(measuredCold, turn)) {
              round[`cold: ${name}`] = await visit(browser, address, (newPage, newDebug) =>
                measureButtons(newPage, newDebug, name),
              );
            }
            return round;
          },
          { warming: 2 },
        ),
      );
      const ratioOf = ratiosTo(measured, base);
      return [
        ...names
          .filter((name) => name !== base)
          .map((label): Figure => ({
            label,
            unit: '×',
            ...ratioOf(label),
            ...(label === 'pica-connect-button' ? { budget: 1.25 } : { isPeer: true }),
          })),
        {
          label: 'cold: pica-connect-button',
          unit: '×',
          ...ratiosTo(measured, `cold: ${base}`)('cold: pica-connect-button'),
        },
        { label: base, unit: 'ms', ...spread(measured.map((round) => round[base])), isPeer: true },
      ];
    }),
};

async function measureButtons(page: Page, debug: CDPSession, name: Name): Promise<number> {
  await page.evaluate(
    ([given, copies]) => {
      window.bench.prepareButtons(given, copies);
    },
    [{ [name]: markups[name] }, count] as const,
  );
  const duration = await measureStep(page, debug, name);
  await measureStep(page, debug, 'end');
  return duration;
}
