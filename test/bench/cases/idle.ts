import type { Page } from 'playwright-core';
import { exactly, type Case, type Figure } from '../figures.js';
import { inBrowser, visit } from '../first-visit.js';
import type { ScriptName } from '../scripts.js';

const button = `<pica-connect-button token-url="/token" selected-connection="Gmail" preload="page"></pica-connect-button>`;

/** How long the page is observed after it has loaded. */
const idleMs = 3_000;

/** What is allowed. The builds that can load other languages observe changes of `lang`. */
const builds: { script: ScriptName; timers: number; requests: number; observers: number }[] = [
  { script: 'pica-connect.min.js', timers: 0, requests: 0, observers: 1 },
  // It waits until the page is idle, and then prefetches the code that opens AuthKit.
  { script: 'pica-connect.js', timers: 1, requests: 1, observers: 1 },
  { script: 'pica-connect/button', timers: 0, requests: 0, observers: 0 },
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
  measure: ({ progress }) =>
    inBrowser(async (browser, site) => {
      const figures: Figure[] = [];
      for (const { script, ...budgets } of builds) {
        progress(script);
        const address = await site.add({ scripts: [script], markup: button.repeat(50) });
        const counted = await visit(browser, address, countWhileIdle, { initScript: counting });
        const titles = {
          timers: 'timers, animation frames and idle callbacks',
          requests: 'requests after load',
          observers: 'observers',
        };
        for (const kind of ['timers', 'requests', 'observers'] as const) {
          const label = `${script}: ${titles[kind]}`;
          figures.push({ label, unit: '', ...exactly(counted[kind]), budget: budgets[kind] });
        }
      }
      return figures;
    }),
};

async function countWhileIdle(page: Page) {
  let requests = 0;
  page.on('request', () => (requests += 1));
  await page.waitForTimeout(idleMs);
  const counted = await page.evaluate<{ timers: number; observers: number }>('counted');
  const rendered = await page.locator('pica-connect-button button').count();
  if (rendered !== 50) throw new Error(`${rendered} buttons were rendered.`);
  return { ...counted, requests };
}
