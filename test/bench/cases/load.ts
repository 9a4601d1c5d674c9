import type { Browser } from 'playwright-core';
import { launch } from '../../end-to-end/chromium.js';
import { ratiosTo, spread, type Case, type Figure } from '../figures.js';
import { inTurn } from '../rounds.js';
import type { ScriptName } from '../scripts.js';
import { BenchSite, type BenchPage } from '../site.js';

const attributes = `token-url="https://example.com/token" selected-connection="Gmail"`;
const pageWith = (script: ScriptName, tag: string): BenchPage => ({
  scripts: [script],
  markup: `<${tag} ${attributes}>Connect Gmail</${tag}>`,
});

const pages = {
  'pica-connect.min.js': pageWith('pica-connect.min.js', 'pica-connect-button'),
  'pica-connect/button': pageWith('pica-connect/button', 'pica-connect-button'),
  'a minimal Lit button': pageWith('a minimal Lit button', 'minimal-button'),
};
type Name = keyof typeof pages;
const names = Object.keys(pages) as Name[];
const base: Name = 'a minimal Lit button';
const slowdowns = [1, 4];

export const load: Case = {
  name: 'load',
  title: 'Script work while a page with one button loads',
  against:
    'Multiples of the same page with a minimal Lit button, for compiling and running scripts on the main thread',
  limits: { rounds: 15, seconds: 60 },
  async measure({ rounds }) {
    const site = await BenchSite.start();
    const browser = await launch();
    try {
      const addresses = {} as Record<Name, string>;
      for (const name of names) addresses[name] = await site.add(pages[name]);
      const figures: Figure[] = [];
      for (const slowdown of slowdowns) {
        const measured = await rounds.measure(
          async (turn) => {
            const round = {} as Record<Name, number>;
            for (const name of inTurn(names, turn)) {
              round[name] = await scriptWorkMs(browser, addresses[name], slowdown);
            }
            return round;
          },
          { title: `on a ${slowdown} × slower processor: ` },
        );
        const ratioOf = ratiosTo(measured, base);
        const suffix = slowdown === 1 ? '' : `, on a ${slowdown} × slower processor`;
        for (const name of names) {
          if (name === base) continue;
          figures.push({ label: `${name}${suffix}`, unit: '×', ...ratioOf(name), budget: 2 });
        }
        const plain = spread(measured.map((round) => round[base]));
        figures.push({ label: `${base}${suffix}`, unit: 'ms', ...plain, isPeer: true });
      }
      return figures;
    } finally {
      await browser.close();
      await site.close();
    }
  },
};

/**
 * The CPU time that the main thread spends on compiling and running scripts until the page has loaded and is idle.
 * Measures a first visit: nothing is cached or compiled yet.
 */
async function scriptWorkMs(browser: Browser, address: string, slowdown: number): Promise<number> {
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    const debug = await context.newCDPSession(page);
    await debug.send('Emulation.setCPUThrottlingRate', { rate: slowdown });
    // The thread's own time, which other load on the machine does not affect.
    await debug.send('Performance.enable', { timeDomain: 'threadTicks' });
    await page.goto(address);
    await page.evaluate('new Promise((resolve) => requestIdleCallback(resolve))');
    const { metrics } = await debug.send('Performance.getMetrics');
    const valueOf = (wanted: string) => metrics.find(({ name }) => name === wanted)?.value ?? NaN;
    return (valueOf('ScriptDuration') + valueOf('V8CompileDuration')) * 1000;
  } finally {
    await context.close();
  }
}
