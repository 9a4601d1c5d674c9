import { launch } from '../../end-to-end/chromium.js';
import { exactly, type Case, type Figure } from '../figures.js';
import type { ScriptName } from '../scripts.js';
import { BenchSite } from '../site.js';

const button = `<pica-connect-button token-url="/token" selected-connection="Gmail" preload="page"></pica-connect-button>`;

/** How long the page is observed after it has loaded. */
const idleMs = 3_000;

const builds: { script: ScriptName; observers: number }[] = [
  // This build can load other languages, so it observes changes of `lang`.
  { script: 'pica-connect.min.js', observers: 1 },
  { script: 'pica-connect/button', observers: 0 },
];

/** Counts the timers and observers of a page. Runs before the page's scripts. */
const counting = `
  window.counted = { timers: 0, observers: 0 };
  for (const name of ['setTimeout', 'setInterval', 'requestAnimationFrame', 'requestIdleCallback']) {
    const original = window[name];
    window[name] = (...args) => {
      counted.timers += 1;
      return original.apply(window, args);
    };
  }
  for (const name of ['MutationObserver', 'ResizeObserver', 'IntersectionObserver', 'PerformanceObserver', 'ReportingObserver']) {
    window[name] = class extends window[name] {
      observe(...args) {
        counted.observers += 1;
        super.observe(...args);
      }
    };
  }`;

export const idle: Case = {
  name: 'idle',
  title: 'A page with 50 buttons that nobody touches',
  against: `From the start until ${idleMs / 1000} seconds after the page has loaded`,
  async measure({ progress }) {
    const site = await BenchSite.start();
    const browser = await launch();
    try {
      const figures: Figure[] = [];
      for (const { script, observers } of builds) {
        progress(script);
        const page = await browser.newPage();
        await page.addInitScript(counting);
        let requests = 0;
        await page.goto(await site.add({ scripts: [script], markup: button.repeat(50) }));
        page.on('request', () => (requests += 1));
        await page.waitForTimeout(idleMs);
        const counted = await page.evaluate<{ timers: number; observers: number }>('counted');
        const rendered = await page.locator('pica-connect-button button').count();
        if (rendered !== 50) throw new Error(`${rendered} buttons were rendered.`);
        await page.close();
        const figure = (label: string, number: number, budget: number): Figure => ({
          label: `${script}: ${label}`,
          unit: '',
          ...exactly(number),
          budget,
        });
        figures.push(
          figure('timers and animation frames', counted.timers, 0),
          figure('requests after load', requests, 0),
          figure('observers', counted.observers, observers),
        );
      }
      return figures;
    } finally {
      await browser.close();
      await site.close();
    }
  },
};
