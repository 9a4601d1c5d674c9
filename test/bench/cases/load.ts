import { ratiosTo, spread, type Case, type Figure } from '../figures.js';
import { inBrowser, mainThreadMs, untilIdle, visit } from '../first-visit.js';
import { inTurn } from '../rounds.js';
import type { ScriptName } from '../scripts.js';
import type { BenchPage } from '../site.js';

const attributes = `token-url="https://example.com/token" selected-connection="Gmail"`;
const pageWith = (script: ScriptName, tag: string): BenchPage => ({
  scripts: [script],
  markup: `<${tag} ${attributes}>Connect Gmail</${tag}>`,
});

const pages = {
  'pica-connect.min.js': pageWith('pica-connect.min.js', 'pica-connect-button'),
  'pica-connect.js': pageWith('pica-connect.js', 'pica-connect-button'),
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
  limits: { rounds: 15, seconds: 45 },
  measure: ({ rounds }) =>
    inBrowser(async (browser, site) => {
      const addresses = await site.addAll(pages);
      const figures: Figure[] = [];
      for (const cpuSlowdown of slowdowns) {
        const measureLoad = (name: Name) =>
          visit(
            browser,
            addresses[name],
            async (page, debug) => {
              await untilIdle(page);
              const duration = await mainThreadMs(debug, 'ScriptDuration', 'V8CompileDuration');
              // Fails if there is none.
              await page.locator('button').boundingBox({ timeout: 1000 });
              return duration;
            },
            { cpuSlowdown },
          );
        const measured = await rounds.measure(
          async (turn) => {
            const round = {} as Record<Name, number>;
            for (const name of inTurn(names, turn)) round[name] = await measureLoad(name);
            return round;
          },
          { title: `on a ${cpuSlowdown} × slower processor: ` },
        );
        const ratioOf = ratiosTo(measured, base);
        const suffix = cpuSlowdown === 1 ? '' : `, on a ${cpuSlowdown} × slower processor`;
        for (const name of names) {
          if (name === base) continue;
          const budget = name === 'pica-connect.min.js' ? 1.5 : undefined;
          figures.push({ label: `${name}${suffix}`, unit: '×', ...ratioOf(name), budget });
        }
        const plain = spread(measured.map((round) => round[base]));
        figures.push({ label: `${base}${suffix}`, unit: 'ms', ...plain, isPeer: true });
      }
      return figures;
    }),
};
