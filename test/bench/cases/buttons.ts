import { launch } from '../../end-to-end/chromium.js';
import { ratiosTo, spread, type Case, type Figure } from '../figures.js';
import type { ScriptName } from '../scripts.js';
import { BenchSite } from '../site.js';

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

export const buttons: Case = {
  name: 'buttons',
  title: '1,000 buttons, from innerHTML to the next frame',
  against: 'Multiples of a minimal Lit button with six properties',
  limits: { rounds: 11, seconds: 75 },
  async measure({ rounds }) {
    const site = await BenchSite.start();
    const browser = await launch('--js-flags=--expose-gc');
    try {
      const page = await browser.newPage({ viewport: { width: 1000, height: 800 } });
      await page.goto(await site.add({ scripts }));
      const measured = await rounds.measure(
        (turn) =>
          page.evaluate((given) => window.bench.measureButtons(...given), [
            markups,
            { count, turn },
          ] as const),
        { warming: 2 },
      );
      const ratioOf = ratiosTo(measured, base);
      const figures: Figure[] = names
        .filter((name) => name !== base)
        .map((label) => ({
          label,
          unit: '×',
          ...ratioOf(label),
          ...(label === 'pica-connect-button' ? { budget: 1.25 } : { isPeer: true }),
        }));
      const plain = spread(measured.map((round) => round[base]));
      return [...figures, { label: base, unit: 'ms', ...plain, isPeer: true }];
    } finally {
      await browser.close();
      await site.close();
    }
  },
};
